//! Two rules that write one target tag from different sources, through patterns: neither is written.

use super::pair::Pair;
use crate::bed::images::{Format, one_platform};

/// `one` and `two` both have `1.0`, which both rules take for the same target.
fn colliding() -> Pair {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "one", &["1.0", "1.1"]);
    pair.source.seed(&one_platform(2, Format::Oci), "two", &["v1.0", "v2.0"]);
    pair.mirrors(
        "
- { source: SOURCE/one, target: TARGET/app, tags: \"1.*\" }
- { source: SOURCE/two, target: TARGET/app, tags: \"v*\", rename: [{ match: \"^v(.*)$\", to: \"$1\" }] }
",
    );
    pair
}

#[test]
fn a_plan_refuses_both_and_says_why() {
    let pair = colliding();
    insta::assert_snapshot!(pair.transcript(&["plan"]));
}

#[test]
fn a_run_writes_neither_and_does_the_rest() {
    let pair = colliding();
    insta::assert_snapshot!(pair.transcript(&["sync", "--progress", "none"]));
    assert_eq!(pair.target.tags("app").into_keys().collect::<Vec<_>>(), ["1.1", "2.0"]);
    assert!(pair.target.complete("app", "1.1") && pair.target.complete("app", "2.0"));
}

#[test]
fn a_saved_plan_keeps_the_refusal() {
    let pair = colliding();
    pair.run(&["plan", "-o", "plan.json"]).expect_code(6);
    pair.run(&["apply", "plan.json"]).expect_code(6);
    assert_eq!(pair.target.tags("app").into_keys().collect::<Vec<_>>(), ["1.1", "2.0"]);
}

#[test]
fn the_same_source_twice_is_no_collision() {
    let pair = colliding();
    pair.mirrors(
        "
- { name: all, source: SOURCE/one, target: TARGET/app, tags: \"1.*\" }
- { name: again, source: SOURCE/one, target: TARGET/app, tags: \"*.0\" }
",
    );
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.complete("app", "1.0") && pair.target.complete("app", "1.1"));
}
