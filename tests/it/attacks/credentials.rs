//! Credentials: which are found for whom, by which programs, and over what they are shown.

use super::evil::reply;
use super::{
    Auth, Behaviour, CANARY, Evil, Options, RequestKind, Rule, Victim, assert_silent, bob, withstood,
};
use crate::bed::memory::Authorization;
use crate::bed::program::Program;
use crate::faults::mirror::Mirror;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

/// A victim of whose registries the spec says nothing about who we are.
fn without_credentials(victim: &Victim) -> Mirror {
    Mirror::of(&[&victim.source, &victim.target]).copying(
        &victim.source,
        "app",
        &[(&victim.target, "copy")],
        "1.0",
    )
}

fn protected() -> Victim {
    Victim::of(Options::new().auth(Auth::Basic(bob())), Options::new())
}

/// Puts a credential program onto a search path of its own.
fn installed(mirror: Mirror, name: &str, script: &str) -> Mirror {
    let path = mirror
        .program
        .write_home(&format!("bin/docker-credential-{name}"), &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("ours");
    let search = format!("{}:/usr/bin:/bin", mirror.program.home().join("bin").display());
    mirror.variable("PATH", &search)
}

#[test]
fn s21_a_credential_goes_to_the_registry_whose_name_it_has() {
    let auth = STANDARD.encode(format!("bob:{CANARY}"));
    // The names of neighbours: as docker writes them, none is this registry.
    let keys = [
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:PORT1",
        "localhost:PORT",
        "127.0.0.1:PORT.evil.test",
        "https://index.docker.io/v1/",
        "docker.io",
        "*",
        "",
        "127.0.0.1:PORT/other",
        "127.0.0.1:PORT/ap",
    ];
    withstood(keys, |key| {
        let victim = protected();
        let host = victim.source.host();
        let port = host.rsplit(':').next().expect("a port");
        let mirror = without_credentials(&victim);
        let file = format!(r#"{{"auths":{{"{}":{{"auth":"{auth}"}}}}}}"#, key.replace("PORT", port));
        mirror.program.write_home(".docker/config.json", &file);
        let run = mirror.sync().code(5);
        assert_eq!(run.outcome(), "unauthenticated", "{key}");
        for registry in [&victim.source, &victim.target] {
            let requests = registry.requests();
            assert!(requests.iter().all(|request| request.authorization() == Authorization::Absent), "{key}");
        }
        assert_silent(&run);
    });
}

#[test]
fn s21_where_a_credential_cannot_be_had_nothing_is_sent_without_it() {
    let auth = STANDARD.encode(format!("bob:{CANARY}"));
    let files = [
        r#"{"credHelpers":{"HOST":"missing"}}"#.to_owned(),
        r#"{"credsStore":"missing"}"#.to_owned(),
        r#"{"credHelpers":{"HOST":"../x"}}"#.to_owned(),
        format!(r#"{{"auths":{{"HOST":{{"auth":"{auth}!"}}}}}}"#),
        format!(r#"{{"auths":{{"HOST":{{"auth":"{}"}}}}}}"#, STANDARD.encode(CANARY)),
        format!(r#"{{"auths":{{"HOST":"{CANARY}"}}}}"#),
        format!(r#"{{"auths":{{"HOST":{{"password":"{CANARY}"#),
    ];
    withstood(files, |file| {
        let victim = protected();
        let mirror = without_credentials(&victim);
        mirror.program.write_home(".docker/config.json", &file.replace("HOST", &victim.source.host()));
        let run = mirror.sync();
        assert_ne!(run.finished.code, Some(0), "{file}");
        assert_eq!(run.outcome(), "credential_unavailable", "{file}");
        assert!(victim.source.requests().is_empty(), "{file}: {}", victim.source.requests());
        assert_silent(&run);
    });
}

#[test]
fn s23_a_registry_with_tls_is_never_spoken_to_in_the_clear() {
    // It answers in the clear, and says where it is.
    withstood(["127.0.0.1", "localhost"], |name| {
        let evil = Evil::at("127.0.0.1", |_, stream| stream.write_all(&reply(200, &[], "{}")));
        let victim = Victim::of(Options::new(), Options::new());
        let host = format!("{name}:{}", evil.port());
        let run = Mirror::of(&[&victim.target])
            .variable("PASSWORD", CANARY)
            .setting_of(&host, r#"credentials: { username: bob, password: "${PASSWORD}" }"#)
            .rule(&format!("source: {host}/app, target: {}/copy, tags: ['1.0']", victim.target.host()))
            .sync()
            .code(1);
        assert_eq!(run.outcome(), "tls");
        assert!(run.error("hint").contains("plain_http"), "{}", run.error("hint"));
        assert!(!evil.heard().is_empty());
        for heard in evil.heard() {
            assert!(
                heard.text().as_bytes().first() == Some(&0x16),
                "a handshake and nothing else: {heard:?}"
            );
        }
        evil.assert_learnt_nothing();
        assert_silent(&run);
    });
}

#[test]
fn s24_a_credential_program_that_misbehaves_ends_and_is_not_quoted() {
    let scripts = [
        format!("echo {CANARY}; echo {CANARY} >&2; exit 3"),
        format!("echo {CANARY}"),
        format!(r#"echo '{{"Username":"","Secret":"{CANARY}"}}'"#),
        format!(r#"echo '{{"Username":"bob","Secret":"{CANARY}"}}' ; kill -9 $$"#),
        "head -c 10000000 /dev/zero".to_owned(),
        "sh -c 'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done' & wait".to_owned(),
        "exit 0".to_owned(),
    ];
    withstood(scripts, |script| {
        let victim = protected();
        let mirror = installed(without_credentials(&victim), "canary", &script);
        let file = format!(r#"{{"credHelpers":{{"{}":"canary"}}}}"#, victim.source.host());
        mirror.program.write_home(".docker/config.json", &file);
        let run = mirror.sync();
        assert_eq!(run.outcome(), "credential_unavailable", "{script}");
        assert!(victim.source.requests().is_empty(), "{script}");
        assert_silent(&run);
    });
}

#[test]
fn s24_only_a_plain_name_is_a_program() {
    let names = [
        "../x",
        "x/../docker-credential-canary",
        "/bin/sh",
        "canary; touch owned",
        "$(touch owned)",
        "a b",
        "canary\\n",
    ];
    withstood(names, |name| {
        let victim = protected();
        let mirror = installed(without_credentials(&victim), "canary", "touch \"$HOME/ran\"");
        // There is a way from the first of these names to the program.
        mirror.program.write_home("bin/docker-credential-x/keep", "");
        let file = serde_json::json!({ "credHelpers": { victim.source.host(): name } }).to_string();
        mirror.program.write_home(".docker/config.json", &file);
        let run = mirror.sync();
        assert_eq!(run.outcome(), "credential_unavailable", "{name}");
        let said = run.error("message");
        assert!(said.contains("is not the name of a program"), "{name}: {said}");
        let ran = |folder: &Path| folder.join("ran").exists() || folder.join("owned").exists();
        assert!(!ran(&mirror.program.home()) && !ran(&mirror.program.work()), "{name}");
    });
}

#[test]
fn s37_what_is_shown_goes_over_tls_unless_the_spec_says_otherwise() {
    // A registry without `plain_http`, and one whose token server is to be spoken to in the clear.
    let evil = Evil::at("127.0.0.1", |_, stream| {
        let challenge = "Basic realm=\"x\"";
        stream.write_all(&reply(401, &[("www-authenticate", challenge)], ""))
    });
    withstood(["sync", "plan", "check"], |command| {
        let victim = Victim::of(Options::new(), Options::new());
        let host = format!("localhost:{}", evil.port());
        let mirror = Mirror::of(&[&victim.target])
            .rule(&format!("source: {host}/app, target: {}/copy, tags: ['1.0']", victim.target.host()));
        let auth = STANDARD.encode(format!("bob:{CANARY}"));
        let file =
            format!(r#"{{"auths":{{"{host}":{{"auth":"{auth}"}},"http://{host}":{{"auth":"{auth}"}}}}}}"#);
        mirror.program.write_home(".docker/config.json", &file);
        let run = mirror.run(command);
        assert_ne!(run.finished.code, Some(0));
        assert!(
            evil.heard().iter().all(|heard| heard.method().is_empty() || !heard.text().contains("HTTP/1.1"))
        );
        evil.assert_learnt_nothing();
    });
}

#[test]
fn s42_the_password_of_a_proxy_is_shown_to_the_proxy_only() {
    // The target is reached without the proxy; the source, and where it redirects to, by the proxy.
    let rows = [
        ("http://proxy-user:canary5ecret@PROXY", "127.0.0.0/8"),
        ("http://proxy-user:canary5ecret@PROXY", "intra.test,127.0.0.1,127.0.0.2"),
    ];
    withstood(rows, |(proxy, without)| {
        let victim = Victim::of(Options::new(), Options::new());
        let evil = Evil::start();
        victim.source.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::RedirectTo(evil.url())));
        let keys = ", redirect_hosts: [127.0.0.2]";
        let run = Mirror::of(&[&victim.target])
            .variable("http_proxy", &proxy.replace("PROXY", &victim.source.host()))
            .variable("no_proxy", without)
            .setting_of("registry.test", &format!("plain_http: true{keys}"))
            .rule(&format!("source: registry.test/app, target: {}/copy, tags: ['1.0']", victim.target.host()))
            .sync();
        let by_proxy = victim.source.requests();
        let shown = STANDARD.encode(format!("proxy-user:{CANARY}"));
        assert!(by_proxy.len() >= 2, "{by_proxy}");
        for request in by_proxy.iter() {
            let header = request.header("proxy-authorization");
            assert_eq!(header, Some(format!("Basic {shown}").as_str()), "{request}");
        }
        assert!(
            victim.target.requests().iter().all(|request| request.header("proxy-authorization").is_none())
        );
        assert!(!evil.heard().is_empty(), "{}", run.finished.stderr);
        evil.assert_learnt_nothing();
        assert_silent(&run);
        assert!(!run.finished.stderr.contains(&shown) && !run.report.to_string().contains(&shown));
    });
}

#[test]
fn s42_a_tunnel_gets_the_password_of_its_proxy_and_not_the_registrys() {
    let proxy = Evil::saying(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    withstood(["https_proxy", "HTTPS_PROXY", "all_proxy"], |variable| {
        let program = Program::new()
            .variable("PASSWORD", CANARY)
            .variable(variable, &format!("http://tunnel:through@{}", proxy.host()));
        program.write(
            "crossdock.yaml",
            "version: 1\nregistries:\n  registry.test: { credentials: { username: bob, password: \"${PASSWORD}\" } }\n\
             mirrors:\n  - { source: registry.test/app, target: 'oci:out', tags: ['1.0'] }\n",
        );
        let running = program.spawn(&["sync", "-vv"]);
        let before = proxy.heard().len();
        while proxy.heard().len() < before + 2 {
            std::thread::sleep(Duration::from_millis(5));
        }
        // It would try again for a while.
        running.signal("INT");
        running.signal("INT");
        let finished = running.wait();
        assert_ne!(finished.code, Some(0));
        let shown = STANDARD.encode("tunnel:through");
        let heard = proxy.heard();
        assert!(!heard.is_empty());
        for heard in heard {
            assert_eq!((heard.method().as_str(), heard.target().as_str()), ("CONNECT", "registry.test:443"));
            assert_eq!(heard.header("proxy-authorization"), Some(format!("Basic {shown}")));
            assert_eq!(heard.header("authorization"), None);
        }
        for text in [&finished.stdout, &finished.stderr] {
            assert!(!text.contains("through") && !text.contains(&shown) && !text.contains(CANARY), "{text}");
        }
    });
}
