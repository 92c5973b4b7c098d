//! Credentials: shown to the registry that they are for, as often as needed, and to nobody else.

use super::{Behaviour, Mirror, Registry, RequestKind, Rule, count};
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Authorization, Call, Moment, Options, TokenField, TokenServer};
use crossdock::failure::Side;
use std::sync::Arc;

const PASSWORD: &str = "canary-password";

fn bob() -> Users {
    Users::new().user("bob", PASSWORD).allow("bob", "*", "pull,push")
}

fn bearer(server: TokenServer) -> Registry {
    Options::new().auth(Auth::Bearer(server)).start()
}

/// A spec in which bob has an account at `registry`.
fn with_bob(mirror: Mirror, registry: &Registry) -> Mirror {
    let keys = r#"plain_http: true, credentials: { username: bob, password: "${PASSWORD}" }"#;
    mirror.variable("PASSWORD", PASSWORD).setting(registry, keys)
}

#[test]
fn a_password_is_shown_after_it_was_asked_for_and_from_then_on() {
    let (source, target) = (Options::new().auth(Auth::Basic(bob())).start(), Registry::start());
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let mirror = with_bob(Mirror::of(&[&source, &target]), &source);
    mirror.copying(&source, "app", &[(&target, "copy")], "1.0").sync().code(0);
    let requests = source.requests();
    let refused = requests.iter().filter(|request| request.status == Some(401)).count();
    assert_eq!(refused, 1, "{requests}");
    assert_eq!(requests[0].authorization(), Authorization::Absent);
    for request in &requests[1..] {
        let shown = Authorization::Basic { user: "bob".to_owned(), password: PASSWORD.to_owned() };
        assert_eq!(request.authorization(), shown);
    }
    assert!(target.requests().iter().all(|request| request.authorization() == Authorization::Absent));
}

#[test]
fn a_wrong_password_is_shown_once_and_no_request_is_made_again_and_again() {
    for auth in [Auth::Basic(bob()), Auth::Bearer(TokenServer::new(bob()))] {
        let (source, target) = (Options::new().auth(auth).start(), Registry::start());
        source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1", "1.2"]);
        let run = with_bob(Mirror::of(&[&source, &target]), &source)
            .variable("PASSWORD", "wrong-canary")
            .copying(&source, "app", &[(&target, "copy")], r#"["1.0", "1.1", "1.2"]"#)
            .sync()
            .code(5);
        assert_eq!(run.outcomes(), ["unauthenticated"; 3]);
        assert!(run.error("credential").contains("bob"), "{}", run.error("credential"));
        assert!(source.requests().len() <= 9, "{}", source.requests());
        assert!(count(&source, RequestKind::Token) <= 1, "{}", source.requests());
        for text in [&run.finished.stdout, &run.finished.stderr, &run.report.to_string()] {
            assert!(!text.contains("wrong-canary"), "{text}");
        }
    }
}

#[test]
fn forty_images_cost_one_token_for_each_set_of_rights() {
    for field in [TokenField::Token, TokenField::AccessToken] {
        let source = bearer(TokenServer::new(bob()).field(field));
        let target = bearer(TokenServer::new(bob()));
        let tags: Vec<String> = (0..40).map(|number| format!("1.{number}")).collect();
        for (number, tag) in tags.iter().enumerate() {
            source.seed(&one_platform(number as u64, Format::Oci), "app", &[tag]);
        }
        let mirror = with_bob(with_bob(Mirror::of(&[&source, &target]), &source), &target);
        mirror.copying(&source, "app", &[(&target, "copy")], r#"{ include: ["*"] }"#).sync().code(0);
        assert_eq!(count(&source, RequestKind::Token), 1, "pull");
        // The first request is a HEAD, and asks for what the later ones need.
        assert_eq!(count(&target, RequestKind::Token), 1, "pull and push");
        let refused = target.requests().iter().filter(|request| request.status == Some(401)).count();
        assert!(refused <= 16, "{refused} requests were made before the first challenge was met");
    }
}

#[test]
fn a_source_is_never_asked_for_the_right_to_push() {
    let source = bearer(TokenServer::new(bob()));
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let target = Registry::start();
    let mirror = with_bob(Mirror::of(&[&source, &target]), &source);
    mirror.copying(&source, "app", &[(&target, "copy")], "1.0").sync().code(0);
    for token in source.requests().of(RequestKind::Token).iter() {
        assert_eq!(token.query("scope"), Some("repository:app:pull"));
    }
}

/// A run in which all tokens of one side run out when the request number `nth` of a kind arrives there.
fn run_out(side: Side, kind: RequestKind, nth: u64) {
    let source = Arc::new(bearer(TokenServer::new(bob())));
    let target = Arc::new(bearer(TokenServer::new(bob())));
    let mut mirror = with_bob(with_bob(Mirror::of(&[&source, &target]), &source), &target);
    for number in 0..4 {
        source.seed(&one_platform(number, Format::Oci), "app", &[&format!("1.{number}")]);
    }
    mirror = mirror.copying(&source, "app", &[(&target, "copy")], r#"{ include: ["*"] }"#);
    let registry = match side {
        Side::Source => &source,
        Side::Target => &target,
    };
    let weak = Arc::downgrade(registry);
    let expire = Call::new(move || weak.upgrade().into_iter().for_each(|registry| registry.expire_tokens()));
    registry.rule(Rule::on(kind).nth(nth).then(Behaviour::Call(Moment::Before, expire)));
    let run = mirror.sync().code(0);
    assert_eq!(run.outcomes(), ["created"; 4]);
    for number in 0..4 {
        assert!(target.complete("copy", &format!("1.{number}")));
    }
    assert!(count(&source, RequestKind::Token) <= 3, "{}", source.requests());
    assert!(count(&target, RequestKind::Token) <= 3, "{}", target.requests());
}

#[test]
fn tokens_that_run_out_in_the_middle_are_replaced_and_nothing_is_lost() {
    // One kind at a time: what is made again because of one must not be what meets the next.
    for kind in [RequestKind::ManifestGet, RequestKind::BlobGet] {
        run_out(Side::Source, kind, 2);
    }
    for kind in [RequestKind::Mount, RequestKind::UploadPut, RequestKind::ManifestPut] {
        run_out(Side::Target, kind, 3);
    }
}

#[test]
fn a_token_server_on_another_site_gets_no_credentials() {
    // Names that are nobody's go through a proxy, which is the attacker here.
    let evil = Registry::start();
    let source = bearer(TokenServer::new(bob()).realm("http://tokens.evil.test/token"));
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let target = Registry::start();
    let mirror = with_bob(Mirror::of(&[&source, &target]), &source)
        .variable("http_proxy", &evil.url())
        .variable("no_proxy", "127.0.0.1")
        .copying(&source, "app", &[(&target, "copy")], "1.0");
    let run = mirror.sync();
    assert_ne!(run.finished.code, Some(0));
    assert!(!evil.requests().is_empty(), "it is asked for an anonymous token");
    for request in evil.requests().iter() {
        assert_eq!(request.authorization(), Authorization::Absent);
        assert!(!format!("{request:?}").contains("canary") && !format!("{request:?}").contains("bob"));
    }
    assert!(source.requests().iter().all(|request| request.authorization() == Authorization::Absent));
    assert!(target.requests().writes().is_empty());
}

#[test]
fn a_token_server_inside_the_network_is_not_asked_at_all() {
    for realm in ["http://169.254.169.254/token", "http://10.0.0.1/token", "http://[fd00::1]/token"] {
        let proxy = Registry::start();
        let source = bearer(TokenServer::new(bob()).realm(realm));
        source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
        let target = Registry::start();
        let run = with_bob(Mirror::of(&[&source, &target]), &source)
            .variable("http_proxy", &proxy.url())
            .variable("no_proxy", "127.0.0.1")
            .copying(&source, "app", &[(&target, "copy")], "1.0")
            .sync();
        assert_ne!(run.finished.code, Some(0), "{realm}");
        assert!(proxy.requests().is_empty(), "{realm}");
        assert!(run.error("message").contains("inside this network"), "{}", run.error("message"));
    }
}

#[test]
fn what_everybody_may_read_needs_no_credentials() {
    let users = Users::new().allow_all("public/*", "pull");
    let source = bearer(TokenServer::new(users));
    let image = one_platform(1, Format::Oci);
    source.seed(&image, "public/app", &["1.0"]);
    source.seed(&image, "private/app", &["1.0"]);
    let target = Registry::start();
    let run = Mirror::of(&[&source, &target])
        .copying(&source, "public/app", &[(&target, "copy")], "1.0")
        .copying(&source, "private/app", &[(&target, "private")], "1.0")
        .sync()
        .code(5);
    assert_eq!(run.outcomes(), ["created", "unauthenticated"]);
    assert!(target.complete("copy", "1.0"));
    let hint = run.error("hint");
    assert!(hint.contains("docker login"), "{hint}");
}

#[test]
fn a_token_for_pulling_only_is_the_last_word_on_pushing() {
    let users = Users::new().user("bob", PASSWORD).allow("bob", "*", "pull");
    let (source, target) = (Registry::start(), bearer(TokenServer::new(users)));
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let mirror = with_bob(Mirror::of(&[&source, &target]), &target);
    let run = mirror.copying(&source, "app", &[(&target, "copy")], "1.0").sync().code(5);
    assert_eq!(run.outcome(), "denied");
    assert!(target.requests().len() <= 12, "{}", target.requests());
    assert_eq!(count(&source, RequestKind::BlobGet), 0);
}
