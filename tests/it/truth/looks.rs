//! Tags are looked at again before they are written where that matters; what somebody else wrote is kept.

use super::{about, item};
use crate::bed::images::{Format, Image, one_platform, two_platforms};
use crate::bed::memory::{Behaviour, Canned, Gate, RequestKind, Rule};
use crate::bed::program::Finished;
use crate::bed::tally;
use crate::commands::pair::Pair;
use serde_json::Value;

/// Runs `arguments` on a pair whose target has no `app:1.0` when it is looked at, and has `theirs` before
/// it is written.
fn overtaken(keys: &str, theirs: &Image, arguments: &[&str]) -> (Pair, Finished, Value) {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors(&format!("- {{ source: SOURCE/app, target: TARGET/app, tags: [\"1.0\"]{keys} }}"));
    if arguments[0] == "apply" {
        pair.run(&["plan", "-o", "plan.json"]).expect_code(0);
        pair.forget();
    }
    let gate = Gate::closed();
    pair.source.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&[arguments, &["--report", "json=report.json"]].concat());
    gate.wait_for(1);
    pair.target.seed(theirs, "app", &["1.0"]);
    gate.open();
    let finished = running.wait();
    let report = pair.read_report();
    (pair, finished, report)
}

#[test]
fn a_tag_that_somebody_wrote_since_is_not_written_over_where_it_shall_stay() {
    let theirs = two_platforms(9, Format::Oci);
    let cases = [
        (", on_existing: keep", &["sync"][..]),
        (", on_existing: fail", &["sync"]),
        (", immutable: [\"1.*\"]", &["sync"]),
        ("", &["apply", "plan.json"]),
    ];
    for (keys, arguments) in cases {
        let (pair, finished, report) = overtaken(keys, &theirs, arguments);
        finished.expect_code(6);
        assert_eq!(pair.target.tag("app", "1.0"), Some(theirs.digest()), "{keys} {arguments:?}");
        let item = item(&report, 0);
        assert_eq!((&item["outcome"], &item["error"]["code"]), (&"refused".into(), &"target_moved".into()));
        assert_eq!(item["target"]["digestAfter"], theirs.digest());
        assert_eq!(about(&pair.target.requests(), RequestKind::ManifestPut, "manifests/1.0"), 0);
        tally::count("faults", 1);
    }
}

#[test]
fn a_tag_that_became_what_it_shall_be_is_not_written_again() {
    let ours = one_platform(1, Format::Oci);
    let (pair, finished, report) = overtaken(", on_existing: keep", &ours, &["sync"]);
    finished.expect_code(0);
    assert_eq!(item(&report, 0)["outcome"], "current");
    assert_eq!(item(&report, 0)["target"]["digestAfter"], ours.digest());
    assert_eq!(about(&pair.target.requests(), RequestKind::ManifestPut, "manifests/1.0"), 0);
    tally::count("faults", 1);
}

#[test]
fn a_tag_that_may_be_written_over_costs_no_second_look_while_the_first_is_fresh() {
    let theirs = two_platforms(9, Format::Oci);
    let (pair, finished, report) = overtaken("", &theirs, &["sync"]);
    finished.expect_code(0);
    assert_eq!(item(&report, 0)["outcome"], "created");
    assert_ne!(pair.target.tag("app", "1.0"), Some(theirs.digest()), "the last writer wins");
    assert_eq!(about(&pair.target.requests(), RequestKind::ManifestHead, "manifests/1.0"), 1);
}

#[test]
fn a_refusal_to_move_a_tag_has_one_code_in_all_its_forms_and_is_not_tried_again() {
    let forms = [
        Canned::new(409),
        Canned::new(412),
        Canned::new(400).error("TAG_INVALID", "the tag exists already"),
        Canned::new(400).error("MANIFEST_INVALID", "tag immutability is on"),
    ];
    for form in forms {
        let pair = Pair::new();
        pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1"]);
        pair.target.seed(&one_platform(2, Format::Oci), "app", &["1.0"]);
        pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\", \"1.1\"] }");
        let refusal = Behaviour::Answer(form.clone());
        pair.target.rule(Rule::on(RequestKind::ManifestPut).path("manifests/1.0$").then(refusal));
        let (finished, report) = pair.report(&["sync"]);
        finished.expect_code(6);
        assert_eq!(item(&report, 0)["error"]["code"], "immutable_tag", "{form:?}");
        assert_eq!(item(&report, 1)["outcome"], "created", "{form:?}");
        assert_eq!(about(&pair.target.requests(), RequestKind::ManifestPut, "manifests/1.0"), 1, "{form:?}");
        tally::count("faults", 1);
    }
}
