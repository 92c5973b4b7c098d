//! What it costs to find out that nobody speaks about a hundred images, and little more where somebody does.

use super::{Scene, empty, image, root, two};
use crate::bed::images::Whole;
use crate::bed::images::artifacts::{cosign_signature, notation};
use crate::bed::memory::{Options, Paging, Referrers, Registry, RequestKind};
use crate::bed::program::Program;

/// Not a round number: such a list would look as if it were cut.
const IMAGES: usize = 101;

/// A registry with so many images in `app`, each with a tag.
fn hundred(api: Referrers) -> Registry {
    let source = Options::new().referrers(api).start();
    for number in 0..IMAGES {
        source.seed(&image(number as u64), "app", &[&format!("1.{number}")]);
    }
    source
}

/// `tags:` with every tag spelled out.
fn literals() -> String {
    let tags: Vec<String> = (0..IMAGES).map(|number| format!("'1.{number}'")).collect();
    format!("tags: [{}]", tags.join(", "))
}

/// A second run of `keys`, after the first has brought everything: what both sides were asked, and how
/// many requests the plan says that it took to look for referrers.
fn settled(source: Registry, keys: &str) -> ([String; 2], u64) {
    let scene = Scene::new(source, empty()).rule(keys);
    scene.run(&["sync"]).expect_code(0);
    let looked = scene.plan()["referrerRequests"].as_u64().expect("a number");
    (scene.asked(), looked)
}

#[test]
fn where_the_source_lists_them_each_image_is_asked_about_once_and_no_target() {
    let (asked, looked) = settled(hundred(Referrers::Filtered), "tags: ['1.*']");
    assert_eq!(asked, ["TagList 1, ManifestHead 101, ReferrersGet 101", "TagList 1, ManifestHead 101"]);
    assert_eq!(looked, 101);
}

#[test]
fn where_the_source_does_not_its_list_of_tags_tells_and_one_request_is_made_for_all() {
    let (asked, looked) = settled(hundred(Referrers::Absent), "tags: ['1.*']");
    assert_eq!(asked, ["TagList 1, ManifestHead 101, ReferrersGet 1", "TagList 1, ManifestHead 101"]);
    assert_eq!(looked, 1);
}

#[test]
fn tags_that_are_spelled_out_cost_one_list_of_their_repository() {
    let (asked, looked) = settled(hundred(Referrers::Absent), &literals());
    assert_eq!(asked, ["TagList 1, ManifestHead 101, ReferrersGet 1", "TagList 1, ManifestHead 101"]);
    assert_eq!(looked, 2);
    let (asked, _) = settled(hundred(Referrers::Unfiltered), &literals());
    assert_eq!(asked[0], "TagList 1, ManifestHead 101, ReferrersGet 101");
}

#[test]
fn what_is_known_of_a_registry_is_not_asked() {
    let source = hundred(Referrers::Absent);
    let scene = Scene::new(source, empty()).rule("tags: ['1.*']");
    scene.run(&["sync"]).expect_code(0);
    scene.source.clear_requests();
    let text = scene.program.read("crossdock.yaml");
    let known = format!("{}: {{ plain_http: true, profile: ghcr }}", scene.source.host());
    let text = text.replace(&format!("{}: {{ plain_http: true }}", scene.source.host()), &known);
    scene.program.write("known.yaml", &text);
    scene.program.run(&["check", "--spec", "known.yaml"]).expect_code(0);
    assert_eq!(scene.asked()[0], "TagList 1, ManifestHead 101");
}

#[test]
fn nobody_looks_where_none_are_wanted_or_nothing_could_be_brought() {
    let none = format!("{}, referrers: none", literals());
    let (asked, looked) = settled(hundred(Referrers::Filtered), &none);
    assert_eq!((asked[0].as_str(), looked), ("ManifestHead 101", 0));
    let immutable = format!("{}, immutable: ['*']", literals());
    let (asked, looked) = settled(hundred(Referrers::Filtered), &immutable);
    assert_eq!((asked, looked), ([String::new(), "TagList 1".to_owned()], 0), "what is there is done");
}

#[test]
fn a_hundred_repositories_cost_a_list_each() {
    let (source, target) = (empty(), empty());
    let mut rules = String::new();
    for number in 0..IMAGES {
        source.seed(&image(number as u64), &format!("a{number}"), &["1"]);
        let (from, to) = (source.host(), target.host());
        rules.push_str(&format!("  - {{ source: {from}/a{number}, target: {to}/a{number}, tags: ['1'] }}\n"));
    }
    let program = Program::new();
    let spec = format!(
        "version: 1\nregistries:\n  {}: {{ plain_http: true }}\n  {}: {{ plain_http: true }}\nmirrors:\n{rules}",
        source.host(),
        target.host()
    );
    program.write("crossdock.yaml", &spec);
    program.run(&["sync"]).expect_code(0);
    source.clear_requests();
    target.clear_requests();
    program.run(&["check"]).expect_code(0);
    assert_eq!(super::tally(&source), "TagList 101, ManifestHead 101, ReferrersGet 1");
    assert_eq!(super::tally(&target), "ManifestHead 101");
}

#[test]
fn indexes_are_read_only_where_somebody_may_speak_about_what_they_list() {
    let seeded = |api: Referrers| {
        let source = Options::new().referrers(api).start();
        for number in 0..3 {
            source.seed(&two(number), "app", &[&format!("1.{number}")]);
        }
        source
    };
    let (asked, _) = settled(seeded(Referrers::Absent), "tags: ['1.*']");
    assert_eq!(asked[0], "TagList 1, ManifestHead 3, ReferrersGet 1");
    let (asked, looked) = settled(seeded(Referrers::Filtered), "tags: ['1.*']");
    // Each index, and each of what they list, of which they share some.
    let manifests = (0..3).flat_map(|number| two(number).manifests).map(|manifest| manifest.digest);
    let manifests = manifests.collect::<std::collections::BTreeSet<_>>().len();
    let source = format!("TagList 1, ManifestHead 3, ManifestGet 3, ReferrersGet {manifests}");
    assert_eq!(asked, [source, "ManifestHead 3".to_owned()]);
    assert_eq!(looked, 3 + manifests as u64);
}

#[test]
fn where_reading_manifests_is_counted_the_target_is_read_in_its_place() {
    let source =
        Options::like(crate::bed::memory::Personality::DockerHub).referrers(Referrers::Filtered).start();
    source.seed(&two(1), "app", &["1"]);
    let scene = Scene::new(source, empty());
    scene.run(&["sync"]).expect_code(0);
    let text = scene.program.read("crossdock.yaml");
    let known = format!("{}: {{ plain_http: true, profile: docker-hub }}", scene.source.host());
    let text = text.replace(&format!("{}: {{ plain_http: true }}", scene.source.host()), &known);
    scene.program.write("known.yaml", &text);
    scene.source.clear_requests();
    scene.target.clear_requests();
    scene.program.run(&["check", "--spec", "known.yaml"]).expect_code(0);
    let [source, target] =
        [&scene.source, &scene.target].map(|one| super::count(one, RequestKind::ManifestGet));
    assert_eq!((source, target), (0, 1), "{} {}", scene.source.requests(), scene.target.requests());
}

#[test]
fn tags_that_name_one_image_ask_about_it_once() {
    let source = Options::new().referrers(Referrers::Filtered).start();
    let whole = Whole::new(image(1)).attach(notation(root(&image(1)), 1));
    whole.seed(&source, "app", &["1", "1.0", "1.0.0"], Referrers::Filtered);
    let scene =
        Scene::new(source, Options::new().referrers(Referrers::Filtered).start()).rule("tags: ['1*']");
    scene.run(&["sync"]).expect_code(0);
    scene.run(&["check"]).expect_code(0);
    assert_eq!(
        scene.asked(),
        ["TagList 1, ManifestHead 3, ReferrersGet 2", "ManifestHead 3, ReferrersGet 1"],
        "the image, and its signature, which may be signed too; at the target, the image"
    );
}

#[test]
fn a_signed_image_costs_few_requests_more() {
    let image = image(1);
    let signature = cosign_signature(root(&image), &[1]);
    let whole = Whole::new(image.clone()).beside(&image.digest(), "sig", signature);
    let source = whole.start(Referrers::Absent, "app", "1");
    let scene = Scene::new(source, empty());
    scene.run(&["sync"]).expect_code(0);
    scene.run(&["check"]).expect_code(0);
    // Its tag at both, beside the two of the image itself.
    assert_eq!(scene.asked(), ["TagList 1, ManifestHead 2, ReferrersGet 1", "ManifestHead 2"]);
}

#[test]
fn a_list_that_may_be_cut_is_asked_for_its_end_once() {
    let seeded = |paging: Paging| {
        let source = Options::new().paging(paging).start();
        for number in 0..20 {
            source.seed(&image(number), "app", &[&format!("1.{number}")]);
        }
        source
    };
    // It answers with all that it has, whatever it is asked.
    let (asked, looked) = settled(seeded(Paging::Ignored), "tags: ['1.*']");
    assert_eq!((asked[0].as_str(), looked), ("TagList 2, ManifestHead 20, ReferrersGet 1", 2));
    // It cuts at ten, says nothing, and knows what comes after a tag.
    let source = seeded(Paging::Unlinked(10));
    let first = image(0);
    let whole =
        Whole::new(first.clone()).beside(&first.digest(), "sig", cosign_signature(root(&first), &[1]));
    whole.seed(&source, "app", &["1.0"], Referrers::Absent);
    let scene = Scene::new(source, empty()).rule("tags: ['1.0']");
    assert_eq!(scene.found(), super::expected(&whole));
    assert_eq!(super::count(&scene.source, RequestKind::TagList), 2);
}

#[test]
fn where_there_is_no_list_each_tag_is_asked_for() {
    let image = image(1);
    let whole = Whole::new(image.clone()).attach(notation(root(&image), 1)).beside(
        &image.digest(),
        "sig",
        cosign_signature(root(&image), &[1]),
    );
    let source = whole.start(Referrers::Absent, "app", "1");
    source.rule(crate::bed::memory::Rule::on(RequestKind::TagList).then(
        crate::bed::memory::Behaviour::Answer(
            crate::bed::memory::Canned::new(403).error("DENIED", "no lists"),
        ),
    ));
    let scene = Scene::new(source, empty());
    assert_eq!(scene.found(), super::expected(&whole));
    // The image itself, its four tags and those of the two that speak about it; a GET of what lists one.
    scene.run(&["check"]).expect_code(2);
    let asked = &scene.asked()[0];
    assert_eq!(asked, "TagList 1, ManifestHead 13, ManifestGet 1, ReferrersGet 1");
}
