//! Selection as a whole: worked examples and laws.

use super::*;
use proptest::prelude::*;
use std::num::NonZeroU32;

fn patterns(texts: &[&str]) -> PatternSet {
    texts.iter().map(|text| Pattern::parse(text).expect("a pattern")).collect()
}

fn tags(texts: &[&str]) -> Vec<Tag> {
    texts.iter().map(|text| text.parse().expect("a tag")).collect()
}

fn newest(count: u32, per: Per) -> Option<Newest> {
    NonZeroU32::new(count).map(|count| Newest { count, per })
}

fn explained(selection: &Selection, listed: &[&str]) -> String {
    let verdicts = selection.choose(&tags(listed));
    verdicts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn taken_tags(selection: &Selection, listed: &[Tag]) -> Vec<Tag> {
    selection.choose(listed).into_iter().filter(|v| v.target().is_some()).map(|v| v.tag).collect()
}

#[test]
fn every_tag_learns_which_stage_took_or_dropped_it() {
    let selection = Selection {
        include: patterns(&["v*", "[0-9]*", "latest"]),
        exclude: patterns(&["*-ubuntu"]),
        semver: Some(Range::parse(">=10.4, <13").expect("a range")),
        newest: newest(2, Per::Repository),
        always: patterns(&["latest", "10.0.0"]),
        rename: vec![
            Rename::parse("^v(.*)$", "$1").expect("a rename"),
            Rename::parse("^1", "-").expect("a rename"),
        ],
        ..Selection::default()
    };
    let listed = [
        "v12.1.0",
        "12.1.0-alpine",
        "v11.9",
        "10.4.1",
        "v12.0.0-rc1",
        "10.0.0",
        "9.0",
        "v12-ubuntu",
        "latest",
        "main",
        "vanilla",
    ];
    insta::assert_snapshot!(explained(&selection, &listed));
}

#[test]
fn per_minor_keeps_versions_of_each_minor() {
    let selection = Selection { newest: newest(1, Per::Minor), ..Selection::default() };
    let listed = ["1.1.0", "1.1.1", "1.1.1-alpine", "1.2.3", "1.2.4-rc1", "2.0"];
    insta::assert_snapshot!(explained(&selection, &listed));
    let major =
        Selection { newest: newest(1, Per::Major), prerelease: Prerelease::Admitted, ..Selection::default() };
    assert_eq!(taken_tags(&major, &tags(&listed)), tags(&["1.2.4-rc1", "2.0"]));
}

#[test]
fn a_rule_that_names_its_tags_needs_no_list() {
    let named = Selection {
        include: patterns(&["1.2", "1.1", "old"]),
        exclude: patterns(&["o*"]),
        newest: newest(1, Per::Repository),
        always: patterns(&["latest"]),
        ..Selection::default()
    };
    let literals = named.literals().expect("only literals");
    assert_eq!(literals, tags(&["1.1", "1.2", "latest", "old"]));
    assert_eq!(taken_tags(&named, &literals), tags(&["1.2", "latest"]));

    let listing = Selection { always: patterns(&["l*"]), ..named.clone() };
    assert_eq!(listing.literals(), None);
    assert_eq!(Selection { include: PatternSet::default(), ..named.clone() }.literals(), None);
    assert_eq!(named.missing(&tags(&["1.1", "latest", "other"])), tags(&["1.2", "old"]));
}

fn some_tag() -> impl Strategy<Value = Tag> {
    let texts = prop_oneof![
        "v?[0-3](\\.[0-3]){0,3}(-(rc[0-2]|alpine|[0-2]))?",
        "[a-z]{1,3}",
        "[A-Za-z0-9_][A-Za-z0-9._-]{0,12}"
    ];
    texts.prop_map(|text| text.parse().expect("a tag"))
}

fn some_patterns() -> impl Strategy<Value = PatternSet> {
    let text = prop_oneof!["[0-3]\\.\\*", "\\*-rc\\*", "/v[0-3]/", "[a-z]{1,2}", "[1-3]\\.[0-3]"];
    proptest::collection::vec(text, 0..3)
        .prop_map(|texts| texts.iter().map(|text| Pattern::parse(text).expect("a pattern")).collect())
}

prop_compose! {
    fn some_selection()(
        include in some_patterns(), exclude in some_patterns(), always in some_patterns(),
        range in proptest::option::of(prop_oneof![Just(">=1"), Just("~1.2"), Just("<3 || 3.1")]),
        count in 0u32..4, per in prop_oneof![Just(Per::Repository), Just(Per::Major), Just(Per::Minor)],
        prerelease in prop_oneof![Just(Prerelease::Dropped), Just(Prerelease::Admitted)],
    ) -> Selection {
        let semver = range.map(|range| Range::parse(range).expect("a range"));
        Selection { include, exclude, semver, prerelease, newest: newest(count, per), always, ..Selection::default() }
    }
}

proptest! {
    #[test]
    fn what_is_excluded_is_never_taken_unless_always(
        selection in some_selection(), listed in proptest::collection::vec(some_tag(), 0..40)
    ) {
        for tag in taken_tags(&selection, &listed) {
            prop_assert!(!selection.exclude.is_match(&tag) || selection.always.is_match(&tag));
            prop_assert!(
                selection.include.is_empty() || selection.include.is_match(&tag) || selection.always.is_match(&tag)
            );
        }
        for tag in &listed {
            prop_assert!(!selection.always.is_match(tag) || taken_tags(&selection, &listed).contains(tag));
        }
    }

    #[test]
    fn no_more_versions_are_kept_than_asked_for(
        selection in some_selection(), listed in proptest::collection::vec(some_tag(), 0..40)
    ) {
        let without_always = Selection { always: PatternSet::default(), ..selection };
        if let Some(Newest { count, per: Per::Repository }) = without_always.newest {
            let taken = taken_tags(&without_always, &listed);
            let versions: BTreeSet<_> = taken.iter().map(|tag| Version::of(tag.as_str())).collect();
            prop_assert!(versions.len() <= count.get() as usize);
            prop_assert!(!versions.contains(&None));
        }
    }

    #[test]
    fn choosing_ignores_order_and_choosing_again_changes_nothing(
        selection in some_selection(), listed in proptest::collection::vec(some_tag(), 0..40)
    ) {
        let mut other_way = listed.clone();
        other_way.reverse();
        other_way.extend_from_slice(&listed);
        prop_assert_eq!(selection.choose(&other_way), selection.choose(&listed));
        let taken = taken_tags(&selection, &listed);
        prop_assert_eq!(taken_tags(&selection, &taken), taken);
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC{0,40}", template in "[$a{}1_]{0,12}") {
        let tag: Tag = "v1.2-rc1".parse().expect("a tag");
        let _ = Pattern::parse(&text).map(|pattern| pattern.is_match(&tag));
        let _ = Range::parse(&text);
        let _ = Version::of(&text);
        let _ = Rename::parse(&text, &template).map(|rename| rename.apply(&tag));
        let _ = Rename::parse("(a)(b)?", &template).map(|rename| rename.apply(&tag));
    }
}

#[test]
fn tags_that_belong_to_digests_are_taken_only_where_they_are_spelled_out() {
    let tag: Tag = format!("sha256-{}.sig", "ab".repeat(32)).parse().expect("a tag");
    for (include, always, taken) in [
        (&[][..], &[][..], false),
        (&["*"], &[], false),
        (&["/^sha256-/"], &[], false),
        (&["1"], &["sha256-*"], false),
        (&["*", tag.as_str()], &[], true),
        (&["1"], &["*", tag.as_str()], true),
    ] {
        let selection =
            Selection { include: patterns(include), always: patterns(always), ..Selection::default() };
        let verdicts = selection.choose(std::slice::from_ref(&tag));
        assert_eq!(verdicts[0].target().is_some(), taken, "{include:?} {always:?}");
    }
}
