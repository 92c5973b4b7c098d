//! `crossdock sync`: what a user sees of it.

use super::pair::Pair;
use super::plan::mixed;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Options, RequestKind, Writes};

const APP: &str = "- source: SOURCE/app\n  target: TARGET/app\n  tags: [\"1.0\"]";

#[test]
fn a_run_says_what_it_wrote_and_what_went_wrong() {
    let pair = mixed();
    insta::assert_snapshot!(pair.transcript(&["sync", "--progress", "none"]));
    assert!(["1.0", "1.1", "2.0", "latest"].iter().all(|tag| pair.target.complete("mirror/app", tag)));
}

#[test]
fn a_run_of_one_image_shows_its_progress_as_a_line() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors(APP);
    insta::assert_snapshot!(pair.transcript(&["sync"]));
}

#[test]
fn a_run_that_changes_nothing_prints_three_lines_and_makes_one_request_per_end_and_tag() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors(APP);
    pair.run(&["sync"]).expect_code(0);
    pair.forget();
    insta::assert_snapshot!(pair.transcript(&["sync"]));
    assert_eq!(pair.target.requests().to_string(), "HEAD /v2/app/manifests/1.0 200\n");
    // Beside it, whether the source lists who speaks about images, and a list that tells that nobody does.
    let [lists, about] =
        [RequestKind::TagList, RequestKind::ReferrersGet].map(|kind| pair.source.requests().count(kind));
    assert_eq!((pair.source.requests().count(RequestKind::ManifestHead), lists, about), (1, 1, 1));
    assert_eq!(pair.source.requests().len(), 3);
}

#[test]
fn a_run_can_tell_its_result_as_json() {
    let pair = mixed();
    let (finished, report) = pair.report(&["sync", "--format", "json"]);
    let printed: serde_json::Value = serde_json::from_str(&finished.stdout).expect("stdout is JSON only");
    assert_eq!(printed, report);
    assert_eq!(report["counts"]["created"], 2);
    assert_eq!(report["counts"]["updated"], 1);
    assert_eq!(report["counts"]["failed"], 1);
}

#[test]
fn a_target_that_takes_no_writes_is_named_once() {
    let pair = Pair::with(Options::new(), Options::new().writes(Writes::Refused));
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors(APP);
    insta::assert_snapshot!(pair.transcript(&["sync", "--progress", "none"]));
    assert_eq!(pair.source.requests().count(RequestKind::BlobGet), 0, "nothing was fetched in vain");
}

#[test]
fn one_run_at_a_time_or_many_the_order_of_the_report_is_that_of_the_spec() {
    let pair = mixed();
    let ids = |report: &serde_json::Value| -> Vec<String> {
        let items = report["items"].as_array().expect("items");
        items.iter().map(|item| item["target"]["reference"].to_string()).collect()
    };
    let (_, first) = pair.report(&["sync"]);
    let (_, second) = pair.report(&["sync"]);
    let (_, third) = pair.report(&["check"]);
    assert_eq!(ids(&first), ids(&second));
    assert_eq!(ids(&first), ids(&third));
}
