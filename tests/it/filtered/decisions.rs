//! What becomes of what filters decide.

use super::{APP, mirrored, scripted, tally};
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::RequestKind;
use crate::commands::pair::Pair;

fn pair() -> Pair {
    let pair = Pair::new();
    for (seed, tag) in [(1, "1.0"), (2, "1.1"), (3, "latest")] {
        pair.source.seed(&one_platform(seed, Format::Oci), "app", &[tag]);
    }
    pair
}

#[test]
fn tags_are_kept_dropped_and_renamed_to_one_or_more_places() {
    let pair = pair();
    let config =
        "{ decisions: { '1.0': { drop: superseded }, latest: { rename: [':stable', 'm/app/edge:now'] } } }";
    let rule =
        "- { name: app, source: SOURCE/app, target: [TARGET/m/app, 'oci:out//app'], filter: scripted }";
    scripted(&pair, config, rule);
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(0);
    assert_eq!(mirrored(&pair), ["m/app:1.1", "m/app:stable", "m/app/edge:now"]);
    assert_eq!(pair.target.tag("m/app/edge", "now"), pair.source.tag("app", "latest"));
    assert!(pair.target.complete("m/app", "stable") && pair.target.complete("m/app/edge", "now"));
    pair.target.assert_clean();
    let index = pair.program.read("out/index.json");
    for name in ["app:1.1", "app:stable", "app/edge:now"] {
        assert!(index.contains(&format!("\"{name}\"")), "{name} is not in {index}");
    }
    assert_eq!(report["counts"]["dropped"], 1);
    assert_eq!(report["dropped"][0]["reason"], "superseded");
    assert_eq!(report["dropped"][0]["filter"], "scripted");
    assert_eq!(report["dropped"][0]["specLocation"]["line"], 8);
    assert_eq!(report["spec"]["filters"][0]["name"], "scripted");
    let items = report["items"].as_array().expect("items");
    let stable = items
        .iter()
        .find(|item| item["target"]["reference"].as_str().is_some_and(|at| at.ends_with(":stable")));
    let rename =
        serde_json::json!({ "by": "filter", "filter": "scripted", "from": "latest", "to": "stable" });
    assert_eq!(stable.expect("an item")["rename"], rename);
    let gets = pair.source.requests().of(RequestKind::BlobGet);
    assert_eq!(gets.len(), 6, "each blob of two images is fetched once for all places");
    pair.forget();
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.requests().writes().is_empty());
}

#[test]
fn a_name_of_the_filter_goes_before_that_of_rename() {
    let pair = pair();
    let rule = APP.replace(" }", ", rename: [{ match: '^1[.]', to: v1- }] }");
    scripted(&pair, "{ decisions: { '1.1': { rename: [':one'] }, latest: { drop: no } } }", &rule);
    pair.run(&["sync"]).expect_code(0);
    assert_eq!(mirrored(&pair), ["m/app:one", "m/app:v1-0"]);
}

#[test]
fn two_sources_of_one_place_are_refused_wherever_they_come_from() {
    let pair = pair();
    pair.source.seed(&one_platform(9, Format::Oci), "other", &["1.1", "2.0"]);
    let rules = format!("- {{ name: other, source: SOURCE/other, target: TARGET/m/app/edge }}\n{APP}");
    let config = "{ decisions: { '1.0': { rename: ['m/app/edge:1.1'] } } }";
    scripted(&pair, config, &rules);
    let finished = pair.run(&["sync"]).expect_code(6);
    assert!(finished.stdout.contains("would write the same target tag"), "{}", finished.stdout);
    assert_eq!(mirrored(&pair), ["m/app:1.1", "m/app:latest", "m/app/edge:2.0"]);
    let both = "{ decisions: { '1.0': { rename: [':same'] }, '1.1': { rename: [':same', ':free'] } } }";
    scripted(&pair, both, APP);
    pair.run(&["sync"]).expect_code(6);
    assert_eq!(pair.target.tag("m/app", "same"), None);
    assert!(pair.target.complete("m/app", "free"), "the other name of one of them is nobody else's");
}

#[test]
fn immutability_is_of_each_name_that_an_image_gets() {
    let pair = pair();
    let theirs = two_platforms(8, Format::Oci);
    pair.target.seed(&theirs, "m/app", &["1.1", "stable"]);
    let rule = APP.replace(" }", ", immutable: '1.*', tags: '1.1' }");
    scripted(&pair, "{ default: { rename: [':1.1', ':stable', ':new'] } }", &rule);
    pair.run(&["sync"]).expect_code(0);
    assert_eq!(pair.target.tag("m/app", "1.1"), Some(theirs.digest()), "it never moves");
    let ours = pair.source.tag("app", "1.1");
    assert_eq!((pair.target.tag("m/app", "stable"), pair.target.tag("m/app", "new")), (ours.clone(), ours));
    scripted(&pair, "{ default: { rename: [':1.1', ':1.1-copy'] } }", &rule);
    pair.run(&["sync"]).expect_code(0);
    pair.forget();
    pair.run(&["sync"]).expect_code(0);
    assert_eq!(tally(&pair.source), "", "all that it goes to is there and never moves");
    assert_eq!(tally(&pair.target), "TagList 1");
}

#[test]
fn a_layout_without_a_name_has_nothing_below_it() {
    let pair = pair();
    let rule = "- { name: app, source: SOURCE/app, target: [TARGET/m/app, 'oci:out'], filter: scripted }";
    scripted(&pair, "{ decisions: { latest: { rename: ['m/app/edge:now'] } } }", rule);
    let (finished, report) = pair.report(&["sync"]);
    let finished = finished.expect_code(1);
    assert!(finished.stdout.contains("oci:DIRECTORY//NAME"), "{}", finished.stdout);
    assert_eq!(report["items"][0]["error"]["code"], "filter");
    assert_eq!(mirrored(&pair), [""; 0], "nothing of that repository is mirrored");
}
