//! Decisions become mappings.

use super::mapping::take;
use super::{Choice, Chosen, Mobility, Resolved};
use crate::failure::Code;
use crate::filter::{Decision, Destination};
use crate::oci::Tag;
use crate::plan::{Rename, RenamedBy};
use crate::spec::Rule;

fn rule(keys: &str) -> Rule {
    let text = format!(
        "version: 1\nfilters: {{ f: {{ wasm: f.wasm }} }}\nmirrors:\n  - {{ source: r.test/app, filter: f, {keys} }}\n"
    );
    let mut spec = crate::spec::load("spec", &text, &|_| None).expect("a good spec");
    spec.mirrors.remove(0)
}

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

fn to(name: &str) -> Destination {
    let (below, name) = name.split_once(':').unwrap_or(("", name));
    let below = (!below.is_empty()).then(|| below.parse().expect("a path"));
    Destination { below, tag: tag(name) }
}

/// What the rule makes of its tags when the filter decides so.
fn chosen(rule: &Rule, decisions: &[(&str, Decision)]) -> Chosen {
    let tags: Vec<Tag> = decisions.iter().map(|(name, _)| tag(name)).collect();
    let verdicts = rule.selection.choose(&tags).into_iter().zip(decisions);
    let choice = |(verdict, (_, decision)): (_, &(&str, Decision))| Choice {
        verdict,
        decision: Some(decision.clone()),
        head: None,
    };
    Chosen { choices: verdicts.map(choice).collect(), ..Chosen::default() }
}

fn resolved(rule: &Rule, decisions: &[(&str, Decision)]) -> Resolved {
    let mut resolved = Resolved::default();
    take(rule, chosen(rule, decisions), 0, &mut resolved).expect("nothing is out of place");
    resolved
}

fn targets(resolved: &Resolved) -> Vec<String> {
    let targets = resolved.mappings.iter().flat_map(|mapping| &mapping.targets);
    targets.map(|target| target.reference.to_string()).collect()
}

#[test]
fn what_is_kept_has_the_name_that_rename_gave_and_what_is_renamed_has_the_filters() {
    let rule = rule("target: t.test/m, rename: [{ match: '^v', to: '' }]");
    let renamed = Decision::Rename(vec![to("v3-stable")]);
    let resolved = resolved(&rule, &[("v1", Decision::Keep), ("v2", Decision::Drop(None)), ("v3", renamed)]);
    assert_eq!(targets(&resolved), ["t.test/m:1", "t.test/m:v3-stable"]);
    let by: Vec<Option<&Rename>> = resolved.mappings.iter().map(|mapping| mapping.rename.as_ref()).collect();
    assert_eq!(by[0].map(|rename| &rename.by), Some(&RenamedBy::Pattern));
    let filter = RenamedBy::Filter { name: "f".to_owned() };
    assert_eq!(by[1], Some(&Rename { by: filter, from: tag("v3"), to: tag("v3-stable") }));
    assert_eq!(resolved.dropped.len(), 1);
    assert_eq!(
        (resolved.dropped[0].source.to_string(), &resolved.dropped[0].reason),
        ("r.test/app:v2".to_owned(), &None)
    );
}

#[test]
fn each_target_gets_each_name_and_immutability_is_of_names() {
    let rule = rule("target: [t.test/m, 'oci:out//m', t.test/m/a], immutable: '/^\\d+\\.\\d+$/'");
    let everywhere = Decision::Rename(vec![to("1.2"), to("latest"), to("a:1.2")]);
    let resolved = resolved(&rule, &[("1.2", everywhere)]);
    assert_eq!(
        targets(&resolved),
        [
            "t.test/m:1.2",
            "t.test/m:latest",
            "t.test/m/a:1.2",
            "oci:out//m:1.2",
            "oci:out//m:latest",
            "oci:out//m/a:1.2",
            "t.test/m/a:latest",
            "t.test/m/a/a:1.2",
        ],
        "`t.test/m/a:1.2` is meant twice, and is one"
    );
    for target in &resolved.mappings[0].targets {
        let immutable = target.reference.tag == Some(tag("1.2"));
        assert_eq!(target.mobility == Mobility::Immutable, immutable, "{}", target.reference);
    }
}

#[test]
fn a_name_that_rename_cannot_give_is_a_failure_unless_the_filter_gives_one() {
    let rule = rule("target: t.test/m, rename: [{ match: '^v', to: '/' }]");
    let decisions = [
        ("v1", Decision::Keep),
        ("v2", Decision::Drop(Some("old".to_owned()))),
        ("v3", Decision::Rename(vec![to("3")])),
    ];
    let resolved = resolved(&rule, &decisions);
    assert_eq!(targets(&resolved), ["t.test/m:3"]);
    assert_eq!(resolved.unresolved.len(), 1);
    assert_eq!(resolved.unresolved[0].source.to_string(), "r.test/app:v1");
}

#[test]
fn a_place_that_cannot_be_fails_the_whole_repository() {
    for (target, path) in [("'oci:out'", "a".to_owned()), ("t.test/m", "x".repeat(254))] {
        let rule = rule(&format!("target: {target}"));
        let decisions = [("1", Decision::Keep), ("2", Decision::Rename(vec![to(&format!("{path}:2"))]))];
        let mut resolved = Resolved::default();
        let failure = take(&rule, chosen(&rule, &decisions), 0, &mut resolved).expect_err("it cannot be");
        assert_eq!(failure.code, Code::Filter);
        assert!(failure.message.contains("r.test/app:2"), "{failure}");
        assert!(resolved.mappings.is_empty(), "nothing of it is mirrored");
    }
}
