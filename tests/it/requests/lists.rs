//! What a list of the target's tags spares, and when it is not believed.

use super::{Mirror, tally};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::Behaviour::Answer;
use crate::bed::memory::{Canned, Options, Paging, Registry, RequestKind, Rule};

/// Enough tags for a list to be worth it, each with an image of its own.
const TAGS: usize = 30;

fn source() -> Registry {
    let source = Registry::start();
    for number in 0..TAGS {
        source.seed(&one_platform(number as u64, Format::Oci), "app", &[&format!("1.{number}")]);
    }
    source
}

/// Who speaks about the images is another matter.
const KEYS: &str = ", referrers: none";

fn mirror(source: &Registry, target: &Registry, more: &str) -> Mirror {
    let keys = format!("source: {}/app, target: {}/app{KEYS}{more}", source.host(), target.host());
    Mirror::between(&[source, target]).rule(&keys)
}

/// What both were asked in a run, as far as manifests and lists go.
fn looked(source: &Registry, target: &Registry, run: impl FnOnce()) -> [String; 2] {
    source.clear_requests();
    target.clear_requests();
    run();
    [source, target].map(|registry| {
        let tally = tally(registry);
        let kinds =
            tally.split(", ").filter(|kind| kind.starts_with("TagList") || kind.starts_with("Manifest"));
        kinds.collect::<Vec<_>>().join(", ")
    })
}

#[test]
fn tags_that_are_not_listed_are_neither_asked_for_nor_asked_about() {
    let (source, target) = (source(), Registry::start());
    let mirror = mirror(&source, &target, "");
    let check = looked(&source, &target, || drop(mirror.run(&["check"]).expect_code(2)));
    assert_eq!(check, ["TagList 1, ManifestHead 30", "TagList 1"], "what is not copied is not fetched");
    let sync = looked(&source, &target, || drop(mirror.sync()));
    assert_eq!(sync, ["TagList 1, ManifestGet 30", "TagList 1, ManifestPut 30"]);
    let again = looked(&source, &target, || drop(mirror.sync()));
    assert_eq!(again, ["TagList 1, ManifestHead 30", "TagList 1, ManifestHead 30"]);
    target.remove_tag("app", "1.7");
    let one = looked(&source, &target, || drop(mirror.sync()));
    assert_eq!(
        one,
        ["TagList 1, ManifestHead 29, ManifestGet 1", "TagList 1, ManifestHead 29, ManifestPut 1"]
    );
}

#[test]
fn a_list_that_cannot_be_had_or_says_nothing_is_done_without() {
    for answer in [
        Canned::new(404),
        Canned::new(404).error("NOT_FOUND", "page not found"),
        Canned::new(403).error("DENIED", "no lists"),
        Canned::new(200).body(r#"{"tags":null}"#),
    ] {
        let (source, target) = (source(), Registry::start());
        target.rule(Rule::on(RequestKind::TagList).then(Answer(answer)));
        let sync = looked(&source, &target, || drop(mirror(&source, &target, "").sync()));
        let expected = "TagList 1, ManifestHead 30, ManifestPut 30";
        assert_eq!(sync, ["TagList 1, ManifestHead 30, ManifestGet 30", expected]);
    }
}

#[test]
fn a_list_that_is_cut_without_a_word_hides_nothing() {
    let (source, target) = (source(), Options::new().paging(Paging::Unlinked(10)).start());
    let mirror = mirror(&source, &target, "");
    mirror.sync();
    assert_eq!(target.tags("app").len(), TAGS);
    let again = looked(&source, &target, || drop(mirror.sync()));
    assert_eq!(again, ["TagList 1, ManifestHead 30", "TagList 1, ManifestHead 30"], "nothing is written");
}

#[test]
fn a_list_that_takes_more_requests_than_it_spares_is_given_up() {
    let (source, target) = (source(), Options::new().paging(Paging::Relative(7)).start());
    let mirror = mirror(&source, &target, "");
    mirror.sync();
    let again = looked(&source, &target, || drop(mirror.sync()));
    assert_eq!(again, ["TagList 1, ManifestHead 30", "TagList 1, ManifestHead 30"]);
}

#[test]
fn where_a_tag_must_be_left_as_it_is_each_is_asked_for() {
    for policy in ["keep", "fail"] {
        let (source, target) = (source(), Registry::start());
        let mirror = mirror(&source, &target, &format!(", on_existing: {policy}"));
        let sync = looked(&source, &target, || drop(mirror.sync()));
        // Once to see what is there, and once more just before it is written.
        let expected = "ManifestHead 60, ManifestPut 30";
        assert_eq!(sync, ["TagList 1, ManifestHead 30, ManifestGet 30", expected]);
    }
}
