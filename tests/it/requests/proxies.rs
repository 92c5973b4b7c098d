//! Proxies of the environment are used, and not for hosts that are to be reached without; what goes wrong
//! at one is told as such.

use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Canned, Registry, RequestKind, Rule};
use crate::bed::program::Program;
use crate::bed::tally;
use crate::faults::raw::Raw;
use serde_json::Value;

const SPEC: &str = "version: 1
registries:
  registry.test: { plain_http: true }
  TARGET: { plain_http: true }
mirrors:
  - { source: registry.test/app, target: TARGET/app, tags: ['1'] }
";

#[test]
fn a_proxy_is_asked_for_hosts_that_are_not_excepted() {
    // It answers for whatever host it is asked: to a client that is what a proxy does.
    for excepted in [
        "127.0.0.1",
        "intra.test, 127.0.0.0/8",
        "localhost,10.0.0.0/8,127.0.0.0/16",
        "intra.test:80, TARGET",
        "registry.test:81, 127.0.0.1",
    ] {
        let (proxy, target) = (Registry::start(), Registry::start());
        proxy.seed(&one_platform(1, Format::Oci), "app", &["1"]);
        let excepted = excepted.replace("TARGET", &target.host());
        let program = Program::new().variable("HTTP_PROXY", &proxy.url()).variable("NO_PROXY", &excepted);
        program.write("crossdock.yaml", &SPEC.replace("TARGET", &target.host()));
        program.run(&["sync"]).expect_code(0);
        assert!(target.complete("app", "1"));
        let asked = proxy.requests();
        assert_eq!((asked.count(RequestKind::ManifestHead), asked.count(RequestKind::ManifestGet)), (1, 1));
        assert!(asked.iter().all(|request| request.header("host") == Some("registry.test")), "{asked}");
        assert_eq!(asked.writes().len(), 0, "the target was reached without the proxy: {excepted}");
        tally::count("faults", 1);
    }
}

#[test]
fn names_are_excepted_with_and_without_a_port_and_by_what_they_end_with() {
    for excepted in ["localhost", "localhost:PORT", "LOCALHOST:PORT", "*", "x.test, .localhost:PORT"] {
        let (proxy, target) = (Registry::start(), Registry::start());
        let source = Registry::start();
        source.seed(&one_platform(1, Format::Oci), "app", &["1"]);
        let port = |registry: &Registry| registry.host().rsplit(':').next().expect("a port").to_owned();
        let host = format!("localhost:{}", port(&source));
        let excepted = format!("127.0.0.1, {}", excepted.replace("PORT", &port(&source)));
        let program = Program::new().variable("HTTP_PROXY", &proxy.url()).variable("NO_PROXY", &excepted);
        program
            .write("crossdock.yaml", &SPEC.replace("registry.test", &host).replace("TARGET", &target.host()));
        program.run(&["sync"]).expect_code(0);
        assert!(target.complete("app", "1"), "{excepted}");
        assert!(proxy.requests().is_empty(), "{excepted}: {}", proxy.requests());
        tally::count("faults", 1);
    }
}

#[test]
fn the_credentials_of_a_proxy_are_shown_to_it_and_to_nobody_else() {
    let (proxy, target) = (Registry::start(), Registry::start());
    proxy.seed(&one_platform(1, Format::Oci), "app", &["1"]);
    let url = proxy.url().replace("http://", "http://bob:canary-proxy@");
    let program = Program::new().variable("HTTP_PROXY", &url).variable("NO_PROXY", "127.0.0.1");
    program.write("crossdock.yaml", &SPEC.replace("TARGET", &target.host()));
    let finished = program.run(&["sync", "--report", "json=report.json"]).expect_code(0);
    for request in proxy.requests().iter() {
        // bob:canary-proxy
        assert_eq!(
            request.header("proxy-authorization"),
            Some("Basic Ym9iOmNhbmFyeS1wcm94eQ=="),
            "{request}"
        );
    }
    for request in target.requests().iter() {
        assert_eq!(request.header("proxy-authorization"), None, "{request}");
    }
    for text in [&finished.stdout, &finished.stderr, &program.read("report.json")] {
        assert!(!text.contains("canary"), "{text}");
    }
}

/// What became of this spec by this proxy: the code of the error, its words with the hint, and how the
/// program ended.
fn told(spec: &str, proxy: &str) -> (String, String, Option<i32>) {
    let target = Registry::start();
    let program = Program::new().variable("HTTPS_PROXY", proxy).variable("HTTP_PROXY", proxy);
    let program = program.variable("NO_PROXY", "127.0.0.1");
    program.write("crossdock.yaml", &spec.replace("TARGET", &target.host()));
    let finished = program.run(&["sync", "--deadline", "60s", "--report", "json=report.json"]);
    let report: Value = serde_json::from_str(&program.read("report.json")).expect("a report is JSON");
    assert!(target.requests().writes().is_empty());
    let error = &report["items"][0]["error"];
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    tally::count("faults", 1);
    (text("code"), format!("{} | {}", text("message"), text("hint")), finished.code)
}

/// The spec with a source that is spoken to with TLS.
fn with_tls() -> String {
    SPEC.replace("  registry.test: { plain_http: true }\n", "")
}

#[test]
fn a_proxy_that_wants_credentials_is_told_as_such_and_asked_once() {
    let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=x\r\n\
                    content-length: 0\r\n\r\n";
    // With TLS the proxy refuses to connect, and without it refuses the request.
    let tunnel = Raw::answering(refusal.to_vec());
    let (code, words, exit) = told(&with_tls(), &tunnel.url());
    assert_eq!((code.as_str(), exit, tunnel.served()), ("proxy", Some(1), 1), "{words}");
    assert!(words.contains("407") && words.contains("user:password@"), "{words}");
    let proxy = Registry::start();
    proxy.rule(Rule::any().then(Behaviour::Answer(Canned::new(407))));
    let (code, words, exit) = told(SPEC, &proxy.url());
    assert_eq!((code.as_str(), exit, proxy.requests().len()), ("proxy", Some(1), 1), "{words}");
    assert!(words.contains("user:password@"), "{words}");
}

#[test]
fn a_proxy_that_does_not_connect_or_is_not_there_is_told_with_what_to_do() {
    let gone = crate::bed::listening::free_port().local_addr().expect("an address").to_string();
    let refusing =
        |status: &str| Raw::answering(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").into());
    let (forbidden, down) = (refusing("403 Forbidden"), refusing("502 Bad Gateway"));
    let cases = [
        (forbidden.url(), "the proxy does not connect to this host", "NO_PROXY"),
        (down.url(), "the proxy does not connect to this host", "NO_PROXY"),
        (format!("http://{gone}"), "no answer", "HTTPS_PROXY"),
    ];
    crate::faults::at_once(cases, |(url, message, hint)| {
        let (code, words, exit) = told(&with_tls(), &url);
        assert_eq!((code.as_str(), exit), ("network", Some(1)), "{words}");
        assert!(words.contains(message) && words.contains(hint), "{words}");
    });
    // It may pass, so it is tried as often as anything.
    assert_eq!((forbidden.served(), down.served()), (6, 6));
}
