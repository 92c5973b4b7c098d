//! Referrers: whether the target tells of each, and has it whole.

use super::{APP, verified};
use crate::bed::images::{Format, Whole, two_platforms};
use crate::bed::memory::{Behaviour, Canned, Options, Referrers, RequestKind, Rule};
use crate::commands::pair::Pair;
use serde_json::Value;
use std::collections::BTreeSet;

/// A pair whose target has a signed image with all that speaks about it.
fn signed(source: Referrers, target: Referrers) -> (Pair, Whole) {
    let pair = Pair::with(Options::new().referrers(source), Options::new().referrers(target));
    let whole = Whole::signed(two_platforms(1, Format::Oci));
    whole.seed(&pair.source, "app", &["1.0"], source);
    pair.mirrors(APP);
    pair.run(&["sync"]).expect_code(0);
    pair.forget();
    (pair, whole)
}

fn referrers(found: &Value, result: &str) -> BTreeSet<String> {
    let all = found["images"][0]["referrers"].as_array().expect("a list").iter();
    let those = all.filter(|referrer| referrer["result"] == result);
    those.map(|referrer| referrer["digest"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn every_referrer_is_proven_with_all_that_it_reaches_whoever_lists_it() {
    for (source, target) in [
        (Referrers::Unfiltered, Referrers::Unfiltered),
        (Referrers::Absent, Referrers::Unfiltered),
        (Referrers::Unfiltered, Referrers::Absent),
        (Referrers::Absent, Referrers::Absent),
    ] {
        let (pair, whole) = signed(source, target);
        let found = verified(&pair, &[], 0);
        let all: BTreeSet<String> = whole.referrers.iter().map(|one| one.artifact.digest()).collect();
        assert_eq!(referrers(&found, "same"), all, "{source:?} to {target:?}");
        assert_eq!(found["images"][0]["result"], "same");
        assert_eq!(found["pieces"]["referrers"]["same"], whole.referrers.len());
        assert_eq!(found["pieces"]["manifests"]["same"], whole.manifests().len());
        assert_eq!(found["pieces"]["blobs"]["same"], whole.blobs().len());
        let listed = found["images"][0]["referrers"].as_array().expect("a list");
        for one in listed {
            let tag = one["tag"].as_str();
            let is_named =
                tag.is_none_or(|tag| pair.target.tag("app", tag).as_deref() == one["digest"].as_str());
            assert!(is_named, "{one}");
        }
        assert_eq!(listed.iter().filter(|one| one["tag"] != Value::Null).count(), 4);
        let gets = pair.target.requests().count(RequestKind::BlobGet);
        assert_eq!(gets, whole.blobs().len(), "each once, whoever needs it");
    }
}

#[test]
fn a_signature_that_the_target_does_not_tell_of_lacks_and_one_that_is_not_whole_is_damaged() {
    let (pair, whole) = signed(Referrers::Unfiltered, Referrers::Unfiltered);
    let by_tag = whole.cosign_tags();
    let (tag, digest) = by_tag.iter().find(|(tag, _)| tag.ends_with(".sbom")).expect("there is one");
    pair.target.remove_tag("app", tag);
    let found = verified(&pair, &[], 2);
    assert_eq!(referrers(&found, "missing"), [digest.clone()].into());
    assert_eq!(found["images"][0]["result"], "differs");
    assert!(found["images"][0]["error"].is_null());
    let signature = by_tag.iter().find(|(tag, _)| tag.ends_with(".att")).expect("there is one").1.clone();
    pair.target.seed(&whole.image, "app", &[tag]);
    let found = verified(&pair, &[], 6);
    assert_eq!(found["images"][0]["result"], "unknown", "somebody else's tag is not ours to write");
    pair.run(&["sync"]);
    pair.target.remove_tag("app", tag);
    pair.run(&["sync"]).expect_code(0);
    pair.forget();
    let gone = Behaviour::Answer(Canned::new(404).error("MANIFEST_UNKNOWN", "manifest unknown"));
    pair.target.rule(Rule::on(RequestKind::ManifestGet).path(&signature).then(gone));
    let found = verified(&pair, &[], 1);
    assert_eq!(referrers(&found, "damaged"), [signature].into());
    assert_eq!(found["images"][0]["result"], "damaged");
    assert_eq!(found["images"][0]["error"]["code"], "damaged");
}

#[test]
fn a_rule_that_takes_no_referrers_has_none_to_prove() {
    let (pair, _) = signed(Referrers::Unfiltered, Referrers::Unfiltered);
    pair.mirrors(&APP.replace(" }", ", referrers: none }"));
    let found = verified(&pair, &[], 0);
    assert_eq!(found["images"][0]["referrers"], Value::Null);
    let (source, target) = (pair.placed("SOURCE/app:1.0"), pair.placed("TARGET/other"));
    pair.run(&["copy", "--spec", "crossdock.yaml", &source, &target, "--referrers", "none"]).expect_code(0);
    pair.forget();
    let one = ["--spec", "crossdock.yaml", source.as_str(), target.as_str()];
    assert_eq!(verified(&pair, &one, 2)["images"][0]["result"], "differs");
    verified(&pair, &[&one[..], &["--referrers", "none"]].concat(), 0);
}
