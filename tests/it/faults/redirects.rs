//! Redirects: followed for reading, and never with credentials.

use super::{Behaviour, Canned, Mirror, Registry, RequestKind, Rule, Run, count, on_answer};
use crate::bed::grants::Users;
use crate::bed::images::{Format, Image, one_platform};
use crate::bed::memory::{Auth, Authorization, Options};

/// A source that wants a password, and a place elsewhere that has the same blobs and wants none.
struct Bench {
    source: Registry,
    elsewhere: Registry,
    target: Registry,
    image: Image,
}

impl Bench {
    fn new() -> Self {
        let users = Users::new().user("bob", "canary-password");
        let source = Options::new().auth(Auth::Basic(users)).start();
        let (elsewhere, target, image) = (Registry::start(), Registry::start(), one_platform(1, Format::Oci));
        source.seed(&image, "app", &["1.0"]);
        elsewhere.seed(&image, "app", &["1.0"]);
        Self { source, elsewhere, target, image }
    }

    fn sync(&self) -> Run {
        Mirror::of(&[&self.source, &self.target])
            .variable("PASSWORD", "canary-password")
            .setting(
                &self.source,
                r#"plain_http: true, credentials: { username: bob, password: "${PASSWORD}" }"#,
            )
            .copying(&self.source, "app", &[(&self.target, "copy")], "1.0")
            .sync()
    }

    fn assert_no_credentials(&self, registry: &Registry) {
        for request in registry.requests().iter() {
            assert_eq!(request.authorization(), Authorization::Absent, "{request}");
            assert!(!format!("{request:?}").contains("canary"), "{request:?}");
        }
    }
}

#[test]
fn a_redirect_to_another_origin_is_followed_without_credentials() {
    for kind in [RequestKind::BlobGet, RequestKind::ManifestGet, RequestKind::ManifestHead] {
        let bench = Bench::new();
        bench.source.rule(Rule::on(kind).then(Behaviour::RedirectTo(bench.elsewhere.url())));
        bench.sync().code(0);
        assert!(bench.target.complete("copy", "1.0"));
        assert!(count(&bench.elsewhere, kind) > 0);
        bench.assert_no_credentials(&bench.elsewhere);
        let seen = bench.source.requests();
        let shown = seen.iter().filter(|request| request.authorization() != Authorization::Absent);
        assert!(shown.count() > 0, "the registry itself was shown the password");
    }
}

#[test]
fn every_status_of_a_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let bench = Bench::new();
        for digest in bench.image.blobs.keys() {
            let location = format!("{}/v2/app/blobs/{digest}?X-Signature=abc", bench.elsewhere.url());
            let canned = Canned::new(status).header("location", &location);
            bench.source.rule(on_answer(RequestKind::BlobGet, canned).path(digest));
        }
        bench.sync().code(0);
        let gets = bench.elsewhere.requests().of(RequestKind::BlobGet);
        assert_eq!(gets.len(), bench.image.blobs.len(), "{status}");
        assert!(gets.iter().all(|get| get.query("X-Signature") == Some("abc") && get.method == "GET"));
        bench.assert_no_credentials(&bench.elsewhere);
    }
}

#[test]
fn credentials_are_not_taken_up_again_on_the_way_back_home() {
    let bench = Bench::new();
    bench.source.rule(
        Rule::on(RequestKind::BlobGet).then(Behaviour::RedirectTo(format!("{}/away", bench.elsewhere.url()))),
    );
    let home = bench.source.url();
    for digest in bench.image.blobs.keys() {
        let canned = Canned::new(307).header("location", &format!("{home}/back/{digest}"));
        bench.elsewhere.rule(on_answer(RequestKind::Other, canned).path(digest));
    }
    bench.source.rule(on_answer(RequestKind::Other, Canned::new(403)).path("^/back/"));
    bench.sync().code(5);
    let back = bench.source.requests();
    let back: Vec<_> = back.iter().filter(|request| request.path.starts_with("/back/")).collect();
    assert!(!back.is_empty());
    for request in back {
        assert_eq!(request.authorization(), Authorization::Absent, "{request}");
    }
    bench.assert_no_credentials(&bench.elsewhere);
}

#[test]
fn redirects_without_end_are_given_up() {
    let bench = Bench::new();
    let circle = Rule::on(RequestKind::ManifestGet).then(Behaviour::RedirectTo(bench.source.url()));
    let tally = bench.source.rule(circle);
    let run = bench.sync().code(1);
    assert_eq!(run.outcome(), "protocol");
    assert_eq!(tally.acted(), 11, "the first request and ten redirects");
}

#[test]
fn a_redirect_to_what_is_not_http_is_refused() {
    for location in ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://u:p@127.0.0.1/x", "http://["] {
        let bench = Bench::new();
        let canned = Canned::new(307).header("location", location);
        bench.source.rule(on_answer(RequestKind::ManifestGet, canned));
        let run = bench.sync().code(1);
        assert_eq!(run.outcome(), "protocol", "{location}");
        assert_eq!(count(&bench.source, RequestKind::ManifestGet), 1, "{location}");
    }
}

#[test]
fn a_redirect_of_a_write_is_refused_and_nothing_is_sent_on() {
    for kind in [RequestKind::Mount, RequestKind::UploadPut, RequestKind::ManifestPut] {
        for status in [302, 307, 308] {
            let bench = Bench::new();
            let canned =
                Canned::new(status).header("location", &format!("{}/v2/copy/x", bench.elsewhere.url()));
            let tally = bench.target.rule(on_answer(kind, canned));
            let run = bench.sync().code(1);
            assert_eq!(run.outcome(), "protocol");
            assert!(tally.acted() >= 1);
            assert!(bench.elsewhere.requests().is_empty(), "{kind:?} {status}");
        }
    }
}

#[test]
fn a_challenge_from_where_a_redirect_led_is_not_met() {
    let bench = Bench::new();
    bench.source.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::RedirectTo(bench.elsewhere.url())));
    for challenge in
        ["Basic realm=\"x\"".to_owned(), format!("Bearer realm=\"{}/token\"", bench.elsewhere.url())]
    {
        bench
            .elsewhere
            .rule(on_answer(RequestKind::BlobGet, Canned::new(401).header("www-authenticate", &challenge)));
        bench.sync().code(5);
        bench.assert_no_credentials(&bench.elsewhere);
        assert_eq!(count(&bench.elsewhere, RequestKind::Token), 0);
        bench.elsewhere.clear_rules();
    }
}
