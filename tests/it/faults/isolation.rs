//! One thing that goes wrong does not stop the others, and does not make them wait.

use super::{Behaviour, Canned, Mirror, Registry, RequestKind, Rule, count, on_answer};
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::listening::free_port;
use crate::bed::memory::{Auth, Options, TokenServer};

/// `count` repositories `app-0`, `app-1`, … with one image each, mirrored to `copy-0`, …
fn several(source: &Registry, target: &Registry, count: u64) -> Mirror {
    let mut mirror = Mirror::of(&[source, target]);
    for number in 0..count {
        let (name, copy) = (format!("app-{number}"), format!("copy-{number}"));
        source.seed(&one_platform(number, Format::Oci), &name, &["1.0"]);
        mirror = mirror.copying(source, &name, &[(target, &copy)], "1.0");
    }
    mirror
}

#[test]
fn one_repository_of_five_that_fails_leaves_the_others_alone() {
    let places: [(RequestKind, &str); 6] = [
        (RequestKind::ManifestHead, "source"),
        (RequestKind::ManifestGet, "source"),
        (RequestKind::BlobGet, "source"),
        (RequestKind::ManifestHead, "target"),
        (RequestKind::UploadPut, "target"),
        (RequestKind::ManifestPut, "target"),
    ];
    for (kind, place) in places {
        let (source, target) = (Registry::start(), Registry::start());
        let mirror = several(&source, &target, 5);
        let bad = if place == "source" { &source } else { &target };
        bad.rule(Rule::on(kind).path("(app|copy)-2/").answer(418));
        let run = mirror.sync().code(3);
        let complete: Vec<u64> =
            (0..5).filter(|number| target.complete(&format!("copy-{number}"), "1.0")).collect();
        assert_eq!(complete, [0, 1, 3, 4], "{kind:?} at the {place}");
        assert_eq!(run.report["counts"]["failed"], 1);
        assert_eq!(run.report["counts"]["created"], 4);
        assert_eq!(run.outcomes().iter().filter(|outcome| *outcome == "protocol").count(), 1);
    }
}

#[test]
fn a_target_that_will_not_take_more_is_understood_and_not_tried_again() {
    let cases = [
        (
            RequestKind::UploadPut,
            Canned::new(500).error("UNKNOWN", "write: no space left on device"),
            "target_full",
        ),
        (RequestKind::UploadPut, Canned::new(507), "target_full"),
        (RequestKind::Mount, Canned::new(403).error("DENIED", "Quota exceeded for project x"), "target_full"),
        (
            RequestKind::ManifestPut,
            Canned::new(412).error("PRECONDITION", "matched immutable rule"),
            "immutable_tag",
        ),
        (
            RequestKind::ManifestPut,
            Canned::new(400).error("ImageTagAlreadyExistsException", "the tag is immutable"),
            "immutable_tag",
        ),
        (RequestKind::Mount, Canned::new(404).error("NAME_UNKNOWN", "no such project"), "repository_missing"),
        (
            RequestKind::ManifestPut,
            Canned::new(400).error("MANIFEST_INVALID", "manifest invalid"),
            "unsupported_manifest",
        ),
    ];
    for (kind, canned, code) in cases {
        let (source, target) = (Registry::start(), Registry::start());
        let mirror = several(&source, &target, 1);
        target.rule(on_answer(kind, canned.clone()));
        if code == "repository_missing" {
            target.rule(on_answer(RequestKind::UploadStart, canned.clone()));
        }
        let run = mirror.sync();
        assert_eq!(run.outcome(), code, "{canned:?}");
        assert_ne!(run.error("hint"), "null", "{canned:?}");
        let put = count(&target, RequestKind::ManifestPut);
        assert!(put <= 1 && count(&target, RequestKind::UploadPut) <= 3, "{}", target.requests());
    }
}

#[test]
fn a_target_that_is_read_only_is_told_so_before_a_byte_is_fetched() {
    let (source, target) =
        (Registry::start(), Options::new().writes(crate::bed::memory::Writes::Refused).start());
    let run = several(&source, &target, 2).sync().code(1);
    assert_eq!(run.outcomes(), ["read_only"; 2]);
    assert_eq!(count(&source, RequestKind::BlobGet), 0);
}

/// What does not pass takes a while to find out: all of it is found out in one run.
#[test]
fn what_stays_bad_is_given_up_after_six_tries_and_not_six_times_six() {
    let users = || Users::new().user("bob", "secret").allow("bob", "*", "pull,push");
    let source = Registry::start();
    let target = Registry::start();
    let guarded = Options::new().auth(Auth::Bearer(TokenServer::new(users()))).start();
    let gone = free_port().local_addr().expect("a bound socket has an address").to_string();
    let hung_up = Registry::start();
    let mut mirror = several(&source, &target, 4)
        .variable("PASSWORD", "secret")
        .setting(&guarded, r#"plain_http: true, credentials: { username: bob, password: "${PASSWORD}" }"#)
        .setting(&hung_up, "plain_http: true")
        .setting_of(&gone, "plain_http: true");
    let blob = source.rule(Rule::on(RequestKind::BlobGet).path("app-0/").answer(500));
    let start = target.rule(Rule::on(RequestKind::Mount).path("copy-1/").answer(502));
    let put = target.rule(Rule::on(RequestKind::UploadPut).path("copy-2/").then(Behaviour::Drop));
    let token = guarded.rule(Rule::on(RequestKind::Token).answer(503));
    let never = hung_up.rule(Rule::any().then(Behaviour::Drop));
    mirror = mirror.copying(&guarded, "app", &[(&target, "guarded")], "1.0");
    for number in 0..50 {
        mirror = mirror.rule(&format!(
            "source: {gone}/app-{number}, target: {}/gone-{number}, tags: ['1']",
            target.host()
        ));
        mirror = mirror.copying(
            &hung_up,
            &format!("app-{number}"),
            &[(&target, &format!("lost-{number}"))],
            "1.0",
        );
    }
    let started = std::time::Instant::now();
    let run = mirror.sync().code(3);
    let seconds = started.elapsed().as_secs();
    let mut outcomes = run.outcomes();
    outcomes.sort();
    let mut expected = vec!["created"];
    expected.extend(["network"; 101]);
    expected.extend(["server_error"; 3]);
    assert_eq!(outcomes, expected);
    assert!(target.complete("copy-3", "1.0"));
    // Three blobs of one image: each is asked for on its own.
    assert!((6..=18).contains(&blob.acted()), "{} GETs of blobs", blob.acted());
    assert!((6..=18).contains(&start.acted()), "{} POSTs", start.acted());
    assert!((6..=18).contains(&put.acted()), "{} PUTs", put.acted());
    assert_eq!(token.acted(), 6, "requests for one token");
    // The first of them that was made six times gives up for all; each alone would be 300.
    assert!((6..300).contains(&never.acted()), "{} requests to who never answers", never.acted());
    let gone_item = |item: &&serde_json::Value| {
        item["error"]["http"]["url"].as_str().is_some_and(|url| url.contains(&gone))
    };
    let items = run.report["items"].as_array().expect("a list");
    let hints: Vec<_> = items.iter().filter(gone_item).map(|item| item["error"]["hint"].as_str()).collect();
    assert_eq!(hints.len(), 50);
    assert!(hints.iter().all(|hint| hint.is_some_and(|hint| hint.contains("check the name"))), "{hints:?}");
    assert!(seconds < 60, "{seconds} s for hosts that are not there");
}
