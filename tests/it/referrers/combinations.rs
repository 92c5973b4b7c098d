//! Every way in which a source and a target may have referrers.

use super::{SYNC, assert_all_there, pair, signed_index};
use crate::bed::memory::{Options, Referrers};
use crate::commands::pair::Pair;
use serde_json::json;

#[test]
fn everything_that_speaks_about_an_image_arrives_and_the_next_run_writes_nothing() {
    let whole = signed_index(1);
    for (source, target) in [
        (Referrers::Absent, Referrers::Absent),
        (Referrers::Absent, Referrers::Filtered),
        (Referrers::Filtered, Referrers::Absent),
        (Referrers::Unfiltered, Referrers::Unfiltered),
    ] {
        let pair = pair(&whole, source, target);
        let (finished, report) = pair.report(&SYNC);
        finished.expect_code(0);
        assert_all_there(&pair.target, &whole, target);
        let count = whole.referrers.len();
        let told = json!({ "found": count, "copied": count, "lacking": count, "leftBehind": 0 });
        assert_eq!(report["items"][0]["referrers"], told, "{source:?} to {target:?}");
        pair.forget();
        let (finished, report) = pair.report(&SYNC);
        finished.expect_code(0);
        assert!(pair.target.requests().writes().is_empty(), "{}", pair.target.requests());
        assert_eq!(report["items"][0]["outcome"], "current");
        pair.run(&["check"]).expect_code(0);
    }
}

#[test]
fn lists_in_pages_are_read_to_their_end() {
    let whole = signed_index(2);
    let pages = Options::new().referrers(Referrers::Filtered).referrers_page(1);
    let pair = Pair::with(pages, Options::new());
    whole.seed(&pair.source, "app", &["1"], Referrers::Filtered);
    pair.mirrors(super::APP);
    pair.run(&SYNC).expect_code(0);
    assert_all_there(&pair.target, &whole, Referrers::Absent);
}

#[test]
fn one_source_feeds_targets_of_both_kinds_at_once_and_is_read_once() {
    let whole = signed_index(3);
    let pair = pair(&whole, Referrers::Filtered, Referrers::Absent);
    let other = Options::new().referrers(Referrers::Filtered).start();
    let registries = format!(
        "SOURCE: {{ plain_http: true }}\nTARGET: {{ plain_http: true }}\n{}: {{ plain_http: true }}",
        other.host()
    );
    let rule =
        format!("- {{ source: SOURCE/app, target: [TARGET/app, {}/app], tags: [\"1\"] }}", other.host());
    pair.registries(&registries, &rule);
    pair.run(&SYNC).expect_code(0);
    assert_all_there(&pair.target, &whole, Referrers::Absent);
    assert_all_there(&other, &whole, Referrers::Filtered);
    let reads = pair.source.requests().of(crate::bed::memory::RequestKind::BlobGet);
    assert_eq!(reads.len(), whole.blobs().len(), "{reads}");
}
