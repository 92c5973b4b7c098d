//! Every piece is found, counted and told: what is whole, what is missing, what is not what it must be.

use super::{APP, made_of, pieces, verified};
use crate::bed::images::{Format, Layer, Recipe, index, one_platform, two_platforms};
use crate::bed::memory::{Behaviour, Canned, Noticed, RequestKind, Rule};
use crate::bed::tally;
use crate::commands::pair::Pair;
use std::collections::BTreeSet;

#[test]
fn a_copy_is_proven_piece_by_piece_and_each_is_asked_for_once() {
    let (pair, image) = Pair::mirrored();
    let found = verified(&pair, &[], 0);
    let proven = &found["images"][0];
    assert_eq!((&proven["result"], &proven["digestPreserved"]), (&"same".into(), &true.into()));
    assert_eq!(pieces(proven, "same"), made_of(&image));
    assert_eq!(proven["pieces"][0]["digest"], image.digest(), "the image itself comes first");
    assert_eq!(proven["source"]["digest"], image.digest());
    assert_eq!((&proven["target"]["digest"], &proven["target"]["expected"]), {
        let digest = &proven["source"]["digest"];
        (digest, digest)
    });
    let (manifests, blobs) = (image.manifests.len(), image.blobs.len());
    assert_eq!(found["pieces"]["manifests"]["same"], manifests);
    assert_eq!(found["pieces"]["blobs"]["same"], blobs);
    let requests = pair.target.requests();
    assert_eq!(requests.count(RequestKind::ManifestHead), 1, "{requests}");
    assert_eq!(requests.count(RequestKind::ManifestGet), manifests, "{requests}");
    assert_eq!(requests.count(RequestKind::BlobHead), blobs, "{requests}");
    assert_eq!(requests.count(RequestKind::BlobGet), blobs, "{requests}");
    assert_eq!(requests.of(RequestKind::BlobGet).sent_bytes(), blobs as u64, "a byte of each");
    let asked = pair.source.requests();
    let about_referrers = asked.count(RequestKind::TagList) + asked.count(RequestKind::ReferrersGet);
    assert_eq!((asked.len() - about_referrers, asked.count(RequestKind::ManifestHead)), (1, 1), "{asked}");
}

#[test]
fn what_is_the_same_is_looked_at_once_in_each_repository() {
    let pair = Pair::new();
    let base = Layer::files(7, 500);
    let child = |seed: u64| Recipe::new(seed).layer(base.clone()).build();
    let shared = child(1);
    pair.source.seed(&index(Format::Oci, &[shared.clone(), child(2)]), "app", &["1.0"]);
    pair.source.seed(&index(Format::Oci, &[shared, child(3)]), "app", &["1.1", "1.2"]);
    pair.mirrors("- { source: SOURCE/app, target: [TARGET/one, TARGET/two], tags: \"1.*\" }");
    pair.run(&["sync"]).expect_code(0);
    pair.forget();
    let found = verified(&pair, &[], 0);
    assert_eq!(found["counts"]["same"], 6);
    let requests = pair.target.requests();
    // The base, and for each child its config; in each of the two.
    assert_eq!(requests.count(RequestKind::BlobGet), 2 * (1 + 3), "{requests}");
    assert_eq!(found["pieces"]["blobs"]["same"], 2 * (1 + 3));
    // Each tag, and each child once; in each of the two.
    assert_eq!(requests.count(RequestKind::ManifestGet), 2 * (3 + 3), "{requests}");
}

#[test]
fn what_a_target_lacks_is_named_to_the_last_blob_by_what_the_source_has() {
    let pair = Pair::new();
    let image = two_platforms(1, Format::Oci);
    pair.source.seed(&image, "app", &["1.0"]);
    pair.mirrors(APP);
    let found = verified(&pair, &[], 2);
    let lacking = &found["images"][0];
    assert_eq!(lacking["result"], "missing");
    assert_eq!(pieces(lacking, "missing"), made_of(&image));
    assert_eq!(lacking["target"]["digest"], serde_json::Value::Null);
    assert_eq!(pair.source.requests().count(RequestKind::ManifestGet), image.manifests.len());
    assert_eq!(pair.source.requests().count(RequestKind::BlobGet), 0);
    tally::count("faults", 1);
}

#[test]
fn a_tag_that_names_something_else_differs_and_its_common_pieces_are_the_same() {
    let pair = Pair::new();
    let base = Layer::files(7, 500);
    let [old, new] = [1, 2].map(|seed| Recipe::new(seed).layer(base.clone()).build());
    pair.source.seed(&new, "app", &["1.0"]);
    pair.target.seed(&old, "app", &["1.0"]);
    for keys in ["", ", immutable: \"*\"", ", on_existing: keep", ", on_existing: fail"] {
        pair.mirrors(&APP.replace(" }", &format!("{keys} }}")));
        let found = verified(&pair, &[], 2);
        let other = &found["images"][0];
        assert_eq!(other["result"], "differs", "{keys}");
        assert_eq!(other["target"]["digest"], old.digest());
        assert_eq!(other["target"]["expected"], new.digest());
        assert_eq!(pieces(other, "same"), BTreeSet::from([base.blob.digest.clone()]));
        assert_eq!(pieces(other, "missing").len(), 2, "the manifest and its config");
    }
}

#[test]
fn a_child_that_is_gone_is_told_and_what_lies_below_it_is_looked_at_all_the_same() {
    let (pair, image) = Pair::mirrored();
    let child = image.children()[0].digest.clone();
    let gone = Behaviour::Answer(Canned::new(404).error("MANIFEST_UNKNOWN", "manifest unknown"));
    pair.target.rule(Rule::on(RequestKind::ManifestGet).path(&child).then(gone));
    let found = verified(&pair, &[], 1);
    let damaged = &found["images"][0];
    assert_eq!((&damaged["result"], &damaged["error"]["code"]), (&"damaged".into(), &"damaged".into()));
    assert_eq!(pieces(damaged, "missing"), BTreeSet::from([child.clone()]));
    let mut whole = made_of(&image);
    whole.remove(&child);
    assert_eq!(pieces(damaged, "same"), whole);
    assert_eq!(pair.source.requests().count(RequestKind::ManifestGet), 1, "only what the target lacks");
    tally::count("faults", 1);
}

#[test]
fn how_closely_blobs_are_looked_at_is_chosen() {
    let image = one_platform(1, Format::Oci);
    let layer = crate::truth::layer_of(&image);
    let blobs = image.blobs.len();
    for (depth, [hidden, wrong], gets) in
        [("head", [0, 0], 0), ("fetch", [1, 0], blobs), ("bytes", [1, 1], blobs)]
    {
        let pair = Pair::new();
        pair.source.seed(&image, "app", &["1.0"]);
        pair.target.seed(&image, "app", &["1.0"]);
        pair.mirrors(APP);
        assert_eq!(verified(&pair, &["--depth", depth], 0)["depth"], depth);
        let requests = pair.target.requests();
        assert_eq!(requests.count(RequestKind::BlobGet), gets, "{depth}");
        if depth == "bytes" {
            assert_eq!(requests.of(RequestKind::BlobGet).sent_bytes(), image.blobs_bytes());
        }
        pair.target.rule(Rule::on(RequestKind::BlobGet).path(&layer).then(Behaviour::WrongBytes));
        let found = verified(&pair, &["--depth", depth], wrong);
        assert_eq!(found["pieces"]["blobs"]["damaged"], wrong, "{depth}");
        pair.target.clear_rules();
        pair.target.forget_behind("app", &layer, Noticed::ByReaders);
        let found = verified(&pair, &["--depth", depth], hidden);
        assert_eq!(found["pieces"]["blobs"]["damaged"], hidden, "{depth}");
        tally::count("faults", 2);
    }
}

#[test]
fn a_blob_that_is_gone_is_missing_however_closely_is_looked() {
    for depth in ["head", "fetch", "bytes"] {
        let (pair, image) = Pair::mirrored();
        let layer = crate::truth::layer_of(&image);
        pair.target.remove_blob(&layer);
        let found = verified(&pair, &["--depth", depth], 1);
        assert_eq!(pieces(&found["images"][0], "missing"), BTreeSet::from([layer]), "{depth}");
        tally::count("faults", 1);
    }
}

#[test]
fn a_registry_that_knows_no_head_of_blobs_is_asked_for_a_byte() {
    let (pair, image) = Pair::mirrored();
    pair.target.rule(Rule::on(RequestKind::BlobHead).then(Behaviour::Answer(Canned::new(405))));
    verified(&pair, &["--depth", "head"], 0);
    assert_eq!(pair.target.requests().of(RequestKind::BlobGet).sent_bytes(), image.blobs.len() as u64);
}
