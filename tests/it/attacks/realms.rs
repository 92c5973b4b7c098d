//! Token servers: who is shown a credential, and what their answers can do.

use super::evil::reply;
use super::{
    Behaviour, CANARY, Canned, Evil, Mirror, RequestKind, Rule, Run, Victim, assert_silent, on_answer,
    withstood,
};
use crate::bed::distribution::Distribution;
use crate::bed::grants::Users;
use crate::bed::memory::{Authorization, Registry};
use crate::bed::wire::Ask;
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

/// A server that is every host but 127.0.0.1: to a client, that is what a proxy does.
fn everybody_else(victim: &Victim, evil: &Evil) -> Mirror {
    victim.mirror().variable("http_proxy", &evil.url()).variable("no_proxy", "127.0.0.1")
}

#[test]
fn s06_realm_on_a_metadata_address_gets_no_credentials() {
    let realms = [
        "http://169.254.169.254/latest/meta-data/iam",
        "http://2852039166/latest/",
        "http://0xa9.0xfe.0xa9.0xfe/",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:169.254.169.254]/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://10.0.0.1/token",
        "http://192.168.0.1/token",
        "http://bob@169.254.169.254/",
        "http://bob:pw@tokens.test/",
        "file:///etc/passwd",
        "/token",
    ];
    withstood(realms, |realm| {
        let (victim, evil) = (Victim::with_tokens(Some(realm)), Evil::start());
        let run = everybody_else(&victim, &evil).sync().code(1);
        assert_eq!(run.outcome(), "protocol", "{realm}");
        assert!(run.error("message").contains("it was not asked"), "{}", run.error("message"));
        evil.assert_unasked();
        assert_silent(&run);
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s06_realm_of_a_stranger_gets_no_credentials() {
    let realms = [
        "http://tokens.evil.test/token",
        "http://127.0.0.1.evil.test/token",
        "http://tokens.evil.test:80/token?account=bob",
        "http://localhost.evil.test/token",
    ];
    withstood(realms, |realm| {
        let victim = Victim::with_tokens(Some(&realm.replace("?account=bob", "?a=1")));
        let evil = Evil::answering(|_, stream| {
            stream.write_all(&reply(200, &[], r#"{"token":"of-a-stranger","expires_in":300}"#))
        });
        let run = everybody_else(&victim, &evil).sync().code(5);
        assert_eq!(run.outcome(), "unauthenticated", "{realm}");
        assert!(!evil.heard().is_empty(), "it is asked, as nobody");
        evil.assert_learnt_nothing();
        assert_silent(&run);
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s06_a_later_challenge_with_another_realm_gets_no_credentials() {
    let kinds = [RequestKind::ManifestHead, RequestKind::ManifestGet, RequestKind::BlobGet];
    withstood(kinds, |kind| {
        let (victim, evil) = (Victim::with_tokens(None), Evil::start());
        let challenge = r#"Bearer realm="http://tokens.evil.test/token",service="memory-registry""#;
        victim.source.rule(on_answer(kind, Canned::new(401).header("www-authenticate", challenge)));
        let run = everybody_else(&victim, &evil).sync();
        assert_ne!(run.finished.code, Some(0), "{kind:?}");
        assert_eq!(victim.source.requests().count(RequestKind::Token), 1, "the good one was asked before");
        assert!(!evil.heard().is_empty());
        evil.assert_learnt_nothing();
        assert_silent(&run);
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s06_a_realm_that_redirects_is_not_followed() {
    withstood([301, 302, 303, 307, 308], |status| {
        let evil = Evil::start();
        let location = format!("{}/token", evil.url());
        let realm = Evil::at("127.0.0.1", move |_, stream| {
            stream.write_all(&reply(status, &[("location", &location)], ""))
        });
        let victim = Victim::with_tokens(Some(&format!("{}/token", realm.url())));
        let run = victim.sync().code(1);
        assert_eq!(run.outcome(), "protocol", "{status}");
        assert_eq!(realm.heard().len(), 1);
        evil.assert_unasked();
        assert_silent(&run);
    });
}

#[test]
fn s06_only_a_realm_that_the_spec_names_gets_what_is_not_its_own() {
    withstood(["tokens.example.test", "10.0.0.1"], |host| {
        let realm = format!("http://{host}/token");
        let victim = Victim::with_tokens(Some(&realm));
        let evil = Evil::start();
        let keys = |hosts: &str| {
            format!(
                "plain_http: true, realm_hosts: {hosts}, credentials: {{ username: bob, password: \"${{PASSWORD}}\" }}"
            )
        };
        let named = everybody_else(&victim, &evil).setting(&victim.source, &keys(&format!("[{host}]")));
        named.sync();
        assert!(evil.heard().iter().any(|heard| heard.header("authorization").is_some()), "{host}");
        let (victim, evil) = (Victim::with_tokens(Some(&realm)), Evil::start());
        let other = everybody_else(&victim, &evil).setting(&victim.source, &keys("other.example.test"));
        assert_silent(&other.sync());
        evil.assert_learnt_nothing();
    });
}

/// A registry that seems to be far away, because a proxy speaks for it, and that leads to a name which
/// is an address of this machine.
fn led_inside(kind: RequestKind, keys: &str) -> (Registry, Evil, Run) {
    let (victim, internal) = (Victim::of(Default::default(), Default::default()), inside());
    let location = format!("http://localhost:{}/v2/app/x", internal.port());
    victim.source.rule(on_answer(kind, Canned::new(307).header("location", &location)));
    let Victim { source, target, .. } = victim;
    let run = Mirror::of(&[&target])
        .variable("http_proxy", &source.url())
        .variable("no_proxy", "127.0.0.1,localhost")
        .setting_of("registry.test", &format!("plain_http: true{keys}"))
        .rule(&format!(
            "source: registry.test/app, target: {}/copy, tags: {{ include: ['*'] }}",
            target.host()
        ))
        .sync();
    assert!(!source.requests().is_empty(), "the registry was reached by the proxy");
    (target, internal, run)
}

fn inside() -> Evil {
    Evil::at("127.0.0.1", |_, stream| stream.write_all(&reply(404, &[], "")))
}

#[test]
fn s07_a_name_that_is_an_address_inside_is_not_connected_to() {
    let kinds =
        [RequestKind::TagList, RequestKind::ManifestHead, RequestKind::ManifestGet, RequestKind::BlobGet];
    withstood(kinds, |kind| {
        let (target, internal, run) = led_inside(kind, "");
        let run = run.code(1);
        assert_eq!(run.outcome(), "protocol", "{kind:?}");
        assert!(run.error("message").contains("further inside"), "{}", run.error("message"));
        assert!(run.error("hint").contains("redirect_hosts"), "{}", run.error("hint"));
        internal.assert_unasked();
        assert!(target.tags("copy").is_empty());
    });
    let (_, internal, _) = led_inside(RequestKind::BlobGet, ", redirect_hosts: localhost");
    assert!(!internal.heard().is_empty(), "where the spec says so, it is meant");
    internal.assert_learnt_nothing();
}

#[test]
fn s22_a_token_server_shows_a_certificate_that_is_trusted_or_hears_nothing() {
    let unknown = Distribution::with_passwords(&Users::new().user("bob", CANARY));
    let realm = format!("https://{}/token", unknown.host().replace("localhost", "127.0.0.1"));
    withstood([realm], |realm| {
        let victim = Victim::with_tokens(Some(&realm));
        let run = victim.sync().code(1);
        assert_eq!(run.outcome(), "tls", "{}", run.error("message"));
        assert_silent(&run);
        victim.assert_nothing_tagged();
    });
}

#[test]
fn s36_a_challenge_that_can_be_read_in_two_ways_is_not_met() {
    let long = format!("Bearer realm=\"http://127.0.0.1/{}\"", "x".repeat(100 << 10));
    let challenges = [
        r#"Bearer realm="http://127.0.0.1:1/a",realm="http://tokens.evil.test/b""#,
        r#"Bearer realm="http://127.0.0.1:1/a", Bearer realm="http://tokens.evil.test/b""#,
        r#"Bearer service="x""#,
        r#"Bearer realm="""#,
        r#"Bearer realm="http://tokens.evil.test/,"#,
        r#"Negotiate, NTLM, Digest realm="x", nonce="y""#,
        ",,,=\"\\",
        long.as_str(),
    ];
    withstood(challenges, |challenge| {
        let (victim, evil) = (Victim::new(), Evil::start());
        let canned = Canned::new(401).header("www-authenticate", challenge);
        victim.source.rule(Rule::any().then(Behaviour::Answer(canned)));
        let run = everybody_else(&victim, &evil).sync();
        assert!(matches!(run.finished.code, Some(1 | 5)), "{:?}", run.finished.code);
        evil.assert_unasked();
        let requests = victim.source.requests();
        assert!(
            requests.iter().all(|request| request.authorization() == Authorization::Absent),
            "{requests}"
        );
        assert!(requests.len() <= 2, "{requests}");
        assert!(run.finished.stderr.len() < 20 << 10, "its words are cut");
    });
}

#[test]
fn s38_a_credential_that_is_refused_is_not_given_up_for_none() {
    let refusals = [
        Canned::new(401),
        Canned::new(403).error("DENIED", "no"),
        Canned::new(400).body(r#"{"error":"invalid_grant"}"#),
        Canned::new(404),
        Canned::new(200).body("{}"),
        Canned::new(200).body("<html>"),
    ];
    withstood(refusals, |refusal| {
        let victim = Victim::with_tokens(None);
        // As nobody, everything would be there.
        let anonymous = Victim::of(Default::default(), Default::default());
        victim.source.rule(on_answer(RequestKind::Token, refusal));
        let run = victim.sync();
        assert!(matches!(run.finished.code, Some(1 | 5)), "{:?}", run.finished.code);
        let tokens = victim.source.requests().of(RequestKind::Token);
        assert!(!tokens.is_empty());
        for token in tokens.iter() {
            assert_ne!(token.authorization(), Authorization::Absent, "nobody asks as nobody: {token}");
        }
        victim.assert_nothing_tagged();
        drop(anonymous);
    });
}

#[test]
fn s39_no_life_of_a_token_is_believed_that_cannot_be() {
    // What `expires_in` says, and whether one token does for all.
    let lives = [
        (json!(0), false),
        (json!(-1), false),
        (json!("-1"), false),
        (json!(9_223_372_036_854_775_808_u64), true),
        (json!(1e300), true),
        (json!("NaN"), true),
        (json!([]), true),
        (Value::Null, true),
    ];
    withstood(lives, |(expires_in, is_kept)| {
        let registry: Arc<OnceLock<String>> = Arc::default();
        let behind = Arc::clone(&registry);
        let life = expires_in.clone();
        let server = Evil::at("127.0.0.1", move |heard, stream| {
            let mut ask = Ask::new("GET", &heard.target());
            if let Some(shown) = heard.header("authorization") {
                ask = ask.header("authorization", &shown);
            }
            let mut body = ask.send(behind.get().expect("it runs")).expect("an answer").json();
            body["expires_in"] = life.clone();
            body["issued_at"] = json!("1970-01-01T00:00:00Z");
            stream.write_all(&reply(200, &[], &body.to_string()))
        });
        let victim = Victim::with_tokens(Some(&format!("{}/token", server.url())));
        registry.set(victim.source.host()).expect("once");
        victim.sync().code(0);
        victim.assert_copied();
        let (tokens, requests) = (server.heard().len(), victim.source.requests().len());
        assert_eq!(tokens == 1, is_kept, "{expires_in}: {tokens} tokens for {requests} requests");
    });
}
