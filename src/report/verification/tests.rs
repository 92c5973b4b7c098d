//! Verifications: they follow their schema, tell every piece, and say in one line what was compared.

use super::*;
use crate::failure::{Code, Failure, Operation};
use crate::oci::{CosignTag, Link, MediaType};
use crate::outcome::{Content, Damage, Done, Loss, Outcome, Tally};
use crate::plan::sample::{digest, entry, undescribed};
use crate::plan::{Drift, Entry};
use crate::report::run::{Command, Settled};
use crate::report::sample;
use serde_json::Value;

const TARGETS: [&str; 6] = ["same", "differs", "missing", "damaged", "refused", "late"];

fn target(name: &str) -> String {
    format!("localhost:5000/mirror/{name}:1")
}

/// One target of each kind for one image.
fn image() -> Entry {
    let named = digest("alpine:1");
    let current = Drift::Current { found: Some(named.clone()) };
    let drifts = [
        current.clone(),
        Drift::Stale { found: digest("old") },
        Drift::Absent,
        current,
        Drift::Refused { found: None, reason: crate::plan::RefusalReason::Exists },
        Drift::Incomplete { found: named },
    ];
    let places = TARGETS.map(target);
    let targets: Vec<(&str, Drift)> = places.iter().map(String::as_str).zip(drifts).collect();
    let mut entry = entry("alpine", 8, "alpine:1", &targets);
    entry.referrers = Some(vec![referrer(Link::Subject), referrer(Link::Tag(CosignTag::Signature))]);
    entry
}

fn referrer(link: Link) -> Referrer {
    Referrer {
        subject: digest("alpine:1"),
        digest: digest(if link == Link::Subject { "sbom" } else { "signature" }),
        media_type: MediaType::oci_manifest(),
        artifact_type: "application/vnd.example.sbom".parse().ok(),
        link,
    }
}

fn blob(seed: &str) -> Content {
    Content::Blob(digest(seed))
}

fn whole() -> Arc<Findings> {
    Arc::new(Findings { sound: vec![blob("config"), blob("layer")], ..Findings::default() })
}

fn lost(loss: Loss) -> Arc<Findings> {
    let content = blob("layer");
    let why = "it has \u{1b}[31m3 bytes".to_owned();
    Arc::new(Findings {
        damages: vec![Damage { content, loss, why }],
        sound: vec![blob("config")],
        torn: vec![digest("alpine:1")],
    })
}

fn beside(link: Link, standing: Standing) -> Beside {
    let findings = Arc::new(Findings { sound: vec![blob("payload")], ..Findings::default() });
    Beside { referrer: referrer(link), standing, findings }
}

fn verified() -> (Run, Verification) {
    let entry = image();
    let mut verification = Verification::new(Closeness::Fetch);
    let mut add = |at: usize, findings: Arc<Findings>, referrers: Vec<Beside>| {
        let target = &entry.targets[at];
        let compared =
            Compared { root: digest("alpine:1"), named: target.drift.found().cloned(), findings, referrers };
        verification.add("alpine", &entry.source, &target.reference, compared);
    };
    let signature = || Link::Tag(CosignTag::Signature);
    add(0, whole(), vec![beside(Link::Subject, Standing::Same), beside(signature(), Standing::Same)]);
    add(1, whole(), vec![]);
    add(2, lost(Loss::Absent), vec![]);
    add(3, lost(Loss::Broken), vec![]);
    add(5, whole(), vec![beside(Link::Subject, Standing::Missing), beside(signature(), Standing::Differs)]);
    let mut run = sample::run(Command::Verify);
    let mut settled = Settled::pending(entry);
    let target = &settled.entry.targets[3].reference;
    let damaged = Failure::new(Code::Damaged, &target.repository, Operation::Compare, "a blob is broken");
    let result = Done::from(damaged);
    settled.outcomes[3] =
        Some(Outcome { result, digest_after: None, tally: Tally::default(), attempts: 0, duration_ms: 0 });
    run.entries = vec![settled];
    run.unresolved = crate::plan::sample::plan().unresolved().to_vec();
    (run, verification)
}

#[test]
fn a_verification_tells_everything_and_stays_as_it_is() {
    let (run, verification) = verified();
    insta::assert_snapshot!(verification.to_json(&run));
}

#[test]
fn every_verification_follows_the_published_schema_which_describes_every_key() {
    let (run, verification) = verified();
    let schema = schema();
    assert_eq!(undescribed(&schema), Vec::<String>::new());
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for text in [verification.to_json(&run), Verification::default().to_json(&sample::run(Command::Verify))] {
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let wrong: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(wrong, Vec::<String>::new());
    }
    insta::assert_snapshot!("schema", format!("{schema:#}"));
}

#[test]
fn each_target_is_told_by_one_word() {
    let (run, verification) = verified();
    let value: Value = serde_json::from_str(&verification.to_json(&run)).expect("JSON");
    let images = value["images"].as_array().expect("a list");
    let words: Vec<String> = images
        .iter()
        .map(|image| {
            let target = image["target"]["reference"].as_str().unwrap_or("nowhere").to_owned();
            format!("{target} {}", image["result"].as_str().unwrap_or_default())
        })
        .collect();
    insta::assert_snapshot!(words.join("\n"), @r"
    localhost:5000/mirror/same:1 same
    localhost:5000/mirror/differs:1 differs
    localhost:5000/mirror/missing:1 missing
    localhost:5000/mirror/damaged:1 damaged
    localhost:5000/mirror/refused:1 unknown
    localhost:5000/mirror/late:1 differs
    nowhere unknown
    localhost:5000/mirror/web:2 unknown
    ");
}

#[test]
fn one_line_says_what_was_compared_each_piece_once() {
    let (_, verification) = verified();
    insta::assert_snapshot!(verification.line(), @"Compared: 9 manifests, 12 blobs, 4 referrers: 21 the same, 2 missing, 1 different, 1 damaged.");
    let mut whole_only = Verification::default();
    let entry = image();
    for target in &entry.targets[..1] {
        let compared =
            Compared { root: digest("alpine:1"), named: None, findings: whole(), referrers: Vec::new() };
        for mirror in ["one", "two"] {
            whole_only.add(mirror, &entry.source, &target.reference, compared.clone());
        }
    }
    assert_eq!(whole_only.line(), "Compared: 1 manifest, 2 blobs, 0 referrers: all the same.\n");
}

#[test]
fn the_page_tells_of_every_key_of_the_schema() {
    const PAGE: &str = include_str!("../../../docs/verify.md");
    // The keys of an error are those of a report.
    const REPORT: &str = include_str!("../../../docs/report.md");
    fn keys(value: &Value, found: &mut Vec<String>) {
        let Value::Object(map) = value else { return };
        if let Some(Value::Object(properties)) = map.get("properties") {
            found.extend(properties.keys().cloned());
        }
        map.values().for_each(|value| keys(value, found));
    }
    let mut found = Vec::new();
    keys(&schema(), &mut found);
    found.retain(|key| ![PAGE, REPORT].iter().any(|page| page.contains(&format!("`{key}`"))));
    assert_eq!(found, Vec::<String>::new());
}
