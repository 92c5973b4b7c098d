//! What filters cost, request by request.

use super::{APP, scripted, tally};
use crate::bed::images::{Format, Image, Layer, Recipe, index, one_platform, two_platforms};
use crate::bed::memory::RequestKind;
use crate::commands::pair::Pair;

/// Four tags, three images: an index with two tags, and two images for one platform.
fn pair() -> (Pair, [Image; 3]) {
    let pair = Pair::new();
    let images =
        [two_platforms(1, Format::Oci), one_platform(2, Format::Oci), one_platform(3, Format::Docker)];
    pair.source.seed(&images[0], "app", &["1.0", "latest"]);
    pair.source.seed(&images[1], "app", &["0.9"]);
    pair.source.seed(&images[2], "app", &["0.8"]);
    (pair, images)
}

/// What the source was asked in a run with this configuration, from nothing.
fn asked(command: &str, config: &str) -> String {
    let (pair, _) = pair();
    scripted(&pair, config, APP);
    pair.run(&[command]).expect_code(0);
    pair.target.assert_clean();
    tally(&pair.source)
}

/// The same without a filter.
fn asked_without(command: &str) -> String {
    let (pair, _) = pair();
    pair.mirrors("- { name: app, source: SOURCE/app, target: TARGET/m/app }");
    pair.run(&[command]).expect_code(0);
    tally(&pair.source)
}

#[test]
fn a_filter_that_needs_nothing_costs_no_request() {
    assert_eq!(asked("plan", "{}"), asked_without("plan"));
    assert_eq!(asked("sync", "{}"), asked_without("sync"));
    assert_eq!(asked("sync", "{ needs: [now] }"), asked_without("sync"));
}

#[test]
fn digests_cost_the_heads_that_are_needed_anyway() {
    assert_eq!(asked("plan", "{ needs: [digest] }"), asked_without("plan"));
    assert_eq!(asked("sync", "{ needs: [digest] }"), asked_without("sync"));
    let dropped = asked("sync", "{ needs: [digest], default: { drop: none } }");
    assert_eq!(dropped, "TagList 1, ManifestHead 4", "what is dropped is asked for once and not read");
}

#[test]
fn platforms_cost_one_get_for_each_different_manifest_that_nobody_repeats() {
    // The configs of the two images that are no index tell what those run on; copying them anew is
    // the one thing that is fetched twice.
    let without = asked_without("plan");
    assert_eq!(without, "TagList 1, ManifestHead 4, ManifestGet 6, ReferrersGet 1");
    assert_eq!(
        asked("plan", "{ needs: [platforms] }"),
        "TagList 1, ManifestHead 4, ManifestGet 6, BlobGet 2, ReferrersGet 1"
    );
    assert_eq!(asked("plan", "{ needs: [annotations] }"), without);
    assert_eq!(asked("sync", "{ needs: [annotations] }"), asked_without("sync"));
    let dropped = asked("sync", "{ needs: [platforms, annotations], default: { drop: none } }");
    assert_eq!(dropped, "TagList 1, ManifestHead 4, ManifestGet 3, BlobGet 2");
}

#[test]
fn configs_cost_those_of_first_platforms() {
    let dropped = asked("sync", "{ needs: [config, platforms], default: { drop: none } }");
    assert_eq!(dropped, "TagList 1, ManifestHead 4, ManifestGet 4, BlobGet 3");
    assert_eq!(
        asked("plan", "{ needs: [config] }"),
        "TagList 1, ManifestHead 4, ManifestGet 6, BlobGet 3, ReferrersGet 1",
        "the children of the index are weighed with what is known of them"
    );
}

#[test]
fn literal_tags_are_not_listed() {
    let (pair, _) = pair();
    scripted(
        &pair,
        "{ decisions: { latest: { drop: floating } } }",
        &APP.replace(" }", ", tags: [latest, '1.0'], referrers: none }"),
    );
    pair.run(&["sync"]).expect_code(0);
    assert_eq!(pair.source.requests().count(RequestKind::TagList), 0);
    assert_eq!(super::mirrored(&pair), ["m/app:1.0"]);
}

#[test]
fn a_second_run_asks_once_on_each_side_and_writes_nothing() {
    let (pair, _) = pair();
    scripted(&pair, "{ needs: [digest], decisions: { latest: { rename: [':stable', ':newest'] } } }", APP);
    pair.run(&["sync"]).expect_code(0);
    pair.forget();
    pair.run(&["sync"]).expect_code(0);
    assert_eq!(tally(&pair.source), "TagList 1, ManifestHead 4, ReferrersGet 1");
    assert_eq!(tally(&pair.target), "ManifestHead 5");
}

#[test]
fn what_a_filter_sees_is_what_the_source_has() {
    let pair = Pair::new();
    let arm =
        Recipe::new(2).platform("linux/arm/v7").label("b", "2").label("a", "1").layer(Layer::files(1, 100));
    let plain = Recipe::new(1).annotation("org.test", "yes").build();
    pair.source.seed(&index(Format::Oci, &[arm.build(), plain]), "app", &["1"]);
    let rule = "- { name: app, source: SOURCE/app, target: [TARGET/m/app, 'oci:out'], filter: scripted }";
    scripted(&pair, "{ needs: [digest, platforms, annotations, config], echo: true }", rule);
    let finished = pair.run(&["plan", "-v"]).expect_code(0);
    let line = finished.stderr.lines().find(|line| line.contains("\"images\"")).expect("the echo");
    let (front, echo) = line.split_once(": ").expect("a name in front");
    assert!(front.ends_with(&format!("filter scripted, {}/app", pair.source.host())), "{front}");
    let echo: serde_json::Value = serde_json::from_str(echo).expect("JSON");
    let image = &echo["images"][0];
    assert_eq!(echo["target"]["path"], "m/app");
    assert_eq!(image["digest"].as_str(), pair.source.tag("app", "1").as_deref());
    let shown = serde_json::to_string_pretty(image).expect("JSON");
    insta::assert_snapshot!(pair.normal().of(&shown));
}
