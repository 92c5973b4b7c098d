//! What is found at a source, and what of that a target lacks.

use super::{Scene, empty, expected, image, lines, root, two};
use crate::bed::images::artifacts::{
    SPDX, attached_sbom, bundle, cosign_attestation, cosign_signature, cosign_tag, fallback_index, notation,
    referrers_tag,
};
use crate::bed::images::{Image, Whole};
use crate::bed::memory::{DigestTags, Options, Referrers, RequestKind};
use std::collections::BTreeSet;

const BOTH: [Referrers; 2] = [Referrers::Filtered, Referrers::Absent];

#[test]
fn whatever_speaks_about_an_image_and_its_children_is_in_the_plan() {
    for api in [Referrers::Filtered, Referrers::Unfiltered, Referrers::Absent] {
        let whole = Whole::signed(two(1));
        let scene = Scene::new(whole.start(api, "app", "1"), empty());
        let plan = scene.plan();
        let entry = &plan["entries"][0];
        assert_eq!(lines(&entry["referrers"]), expected(&whole), "{api:?}");
        assert_eq!(lines(&entry["targets"][0]["lacks"]), expected(&whole), "{api:?}");
        assert_eq!(entry["targets"][0]["drift"], "absent");
        assert_after_subjects(&entry["targets"][0]["lacks"], &whole);
        assert!(scene.target.requests().count(RequestKind::ReferrersGet) == 0, "nobody asks what is coming");
    }
}

/// Each comes after what it speaks about.
fn assert_after_subjects(lacks: &serde_json::Value, whole: &Whole) {
    let mut seen: BTreeSet<&str> = whole.image.manifests.iter().map(|one| one.digest.as_str()).collect();
    for one in lacks.as_array().expect("a list") {
        assert!(seen.contains(one["subject"].as_str().expect("a text")), "{lacks:#}");
        seen.insert(one["digest"].as_str().expect("a text"));
    }
}

#[test]
fn lists_in_pages_are_read_to_their_end() {
    let root = image(1);
    let signatures = (0..7).map(|seed| notation(root.root(), seed));
    let whole = signatures.fold(Whole::new(root.clone()), Whole::attach);
    let source = Options::new().referrers(Referrers::Filtered).referrers_page(2).start();
    whole.seed(&source, "app", &["1"], Referrers::Filtered);
    let scene = Scene::new(source, empty());
    assert_eq!(scene.found(), expected(&whole));
    // Four pages for the image, and one for each signature.
    assert_eq!(scene.source.requests().count(RequestKind::ReferrersGet), 11);
}

#[test]
fn a_registry_that_resolves_the_tag_of_a_digest_to_the_image_has_no_referrers() {
    for image in [image(1), two(1)] {
        let source = Options::new().digest_tags(DigestTags::Manifest).start();
        source.seed(&image, "app", &["1"]);
        // Without a list of tags, the tag itself is asked for.
        source.rule(
            crate::bed::memory::Rule::on(RequestKind::TagList)
                .then(crate::bed::memory::Behaviour::Answer(crate::bed::memory::Canned::new(404))),
        );
        let scene = Scene::new(source, empty());
        assert_eq!(scene.found(), BTreeSet::new());
    }
}

#[test]
fn a_tag_of_that_form_that_is_no_list_of_referrers_is_none() {
    let image = two(1);
    let children: Vec<Image> = image
        .children()
        .iter()
        .map(|child| Image { manifests: vec![(*child).clone()], blobs: image.blobs.clone() })
        .collect();
    let spelled_anew = fallback_index(&children.iter().collect::<Vec<_>>());
    for wrong in [spelled_anew, super::image(7)] {
        let source = empty();
        source.seed(&image, "app", &["1"]);
        source.seed(&wrong, "app", &[&referrers_tag(&image.digest())]);
        let scene = Scene::new(source, empty());
        assert_eq!(scene.found(), BTreeSet::new());
    }
}

#[test]
fn tags_of_cosign_that_lead_in_a_circle_are_followed_once() {
    let image = image(1);
    let [a, b] = [1, 2].map(|seed| cosign_signature(root(&image), &[seed]));
    let whole = Whole::new(image.clone())
        .beside(&image.digest(), "sig", a.clone())
        .beside(&a.digest(), "sig", b.clone())
        .beside(&b.digest(), "sig", a.clone());
    let scene = Scene::new(whole.start(Referrers::Absent, "app", "1"), empty());
    assert_eq!(scene.found(), expected(&whole));
}

#[test]
fn a_signature_that_comes_later_is_drift_and_only_that_is_lacking() {
    for api in BOTH {
        let image = image(1);
        let first = Whole::new(image.clone()).attach(notation(root(&image), 1));
        let target = Options::new().referrers(api).start();
        first.seed(&target, "m/app", &["1"], api);
        let source = first.start(api, "app", "1");
        let scene = Scene::new(source, target);
        scene.run(&["check"]).expect_code(0);
        let whole = first.clone().attach(notation(root(&image), 2));
        whole.seed(&scene.source, "app", &["1"], api);
        let checked = scene.run(&["check"]).expect_code(2);
        assert!(checked.stdout.contains("1 referrer to add"), "{}", checked.stdout);
        let plan = scene.plan();
        let target = &plan["entries"][0]["targets"][0];
        assert_eq!((&target["drift"], lines(&target["lacks"]).len()), (&"incomplete".into(), 1));
        let lacking = target["lacks"][0]["digest"].as_str().expect("a text");
        assert_eq!(lacking, whole.referrers[1].artifact.digest());
    }
}

#[test]
fn a_tag_of_cosign_that_is_at_the_target_is_compared_by_what_it_names() {
    let image = image(1);
    let signed = |seeds: &[u64]| {
        let signature = cosign_signature(root(&image), seeds);
        Whole::new(image.clone()).beside(&image.digest(), "sig", signature)
    };
    // What the source has, what the target has, the drift, and how many it lacks.
    for (source, target, drift, lacking) in [
        (&[1][..], &[1][..], "current", 0),
        (&[1, 2], &[1], "incomplete", 1),
        (&[2, 1], &[1, 2], "incomplete", 1),
        (&[1], &[1, 2], "refused", 0),
        (&[1], &[7], "refused", 0),
    ] {
        let scene = Scene::new(signed(source).start(Referrers::Absent, "app", "1"), empty());
        signed(target).seed(&scene.target, "m/app", &["1"], Referrers::Absent);
        let plan = scene.plan();
        let found = &plan["entries"][0]["targets"][0];
        assert_eq!(
            (&found["drift"], lines(&found["lacks"]).len()),
            (&drift.into(), lacking),
            "{source:?} {target:?}"
        );
        if drift == "refused" {
            let tag = cosign_tag(&image.digest(), "sig");
            assert_eq!(found["reason"], "referrers");
            assert!(found["because"].as_str().expect("words").contains(&tag), "{found}");
            scene.run(&["sync"]).expect_code(6);
            assert!(scene.target.requests().writes().is_empty());
        }
    }
}

#[test]
fn signatures_of_the_targets_owners_are_not_lost_with_an_image_that_is_only_coming() {
    let image = image(1);
    let ours = cosign_signature(root(&image), &[1]);
    let whole = Whole::new(image.clone()).beside(&image.digest(), "sig", ours);
    let scene = Scene::new(whole.start(Referrers::Absent, "app", "1"), empty());
    let theirs = cosign_signature(root(&image), &[7]);
    scene.target.seed(&theirs, "m/app", &[&cosign_tag(&image.digest(), "sig")]);
    scene.run(&["sync"]).expect_code(6);
    assert!(scene.target.requests().writes().is_empty());
}

#[test]
fn only_the_types_that_a_rule_names_are_mirrored() {
    for api in BOTH {
        let image = two(1);
        let sbom = attached_sbom(root(&image), 5);
        let whole = Whole::new(image.clone())
            .attach(bundle(root(&image), 2))
            .attach(sbom.clone())
            .attach(notation(sbom.root(), 6))
            .beside(&image.digest(), "att", cosign_attestation(root(&image), &[3]));
        let found = |types: &str| {
            let scene = Scene::new(whole.start(api, "app", "1"), empty());
            let scene = scene.rule(&format!("tags: ['1'], referrers: {types}"));
            scene.found().into_iter().map(|[_, digest, _]| digest).collect::<BTreeSet<_>>()
        };
        let digests = |of: &[usize]| of.iter().map(|at| whole.referrers[*at].artifact.digest()).collect();
        assert_eq!(found(&format!("[{SPDX}]")), digests(&[1]), "{api:?}");
        assert_eq!(found(&format!("[{SPDX}, application/vnd.cncf.notary.signature]")), digests(&[1, 2]));
        assert_eq!(
            found("[application/vnd.cncf.notary.signature]"),
            digests(&[]),
            "what it signs is not there"
        );
        assert_eq!(found("[application/vnd.dev.cosign.artifact.att.v1+json]"), digests(&[3]));
    }
}

#[test]
fn a_list_without_types_is_completed_by_what_the_manifests_say() {
    let image = image(1);
    let sbom = attached_sbom(root(&image), 5);
    let source = empty();
    source.seed(&image, "app", &["1"]);
    source.seed(&sbom, "app", &[]);
    let bare = serde_json::json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [sbom.root().descriptor()],
    });
    let index = crate::bed::images::Manifest::new("application/vnd.oci.image.index.v1+json", &bare);
    let index = Image { manifests: vec![index], blobs: Default::default() };
    source.seed(&index, "app", &[&referrers_tag(&image.digest())]);
    let scene = Scene::new(source, empty()).rule(&format!("tags: ['1'], referrers: [{SPDX}]"));
    assert_eq!(scene.found().len(), 1);
    assert_eq!(scene.saved()["entries"][0]["referrers"][0]["artifactType"], SPDX);
    let scene = scene.rule("tags: ['1'], referrers: [application/cyclonedx+json]");
    assert_eq!(scene.found().len(), 0);
}

#[test]
fn tags_that_belong_to_digests_are_taken_only_where_they_are_spelled_out() {
    let image = image(1);
    let whole = Whole::signed(image.clone());
    let sources = |scene: &Scene| {
        let plan = scene.plan();
        let entries = plan["entries"].as_array().expect("a list").iter();
        entries
            .map(|entry| entry["source"]["reference"].as_str().expect("a text").to_owned())
            .collect::<Vec<_>>()
    };
    let scene = Scene::new(whole.start(Referrers::Absent, "app", "1"), empty());
    let host = scene.source.host();
    let tag = cosign_tag(&image.digest(), "sig");
    for all in [
        "on_existing: overwrite",
        "tags: ['*']",
        "tags: ['/./']",
        "tags: { include: ['1'], always: ['sha256*'] }",
    ] {
        assert_eq!(sources(scene.again(all)), [format!("{host}/app:1")], "{all}");
    }
    let spelled = scene.again(&format!("tags: ['1', '{tag}']"));
    assert_eq!(sources(spelled), [format!("{host}/app:1"), format!("{host}/app:{tag}")]);
    let explained = scene.again("tags: ['*']").run(&["explain", &tag]).expect_code(0);
    assert!(explained.stdout.contains("include: it belongs to a digest"), "{}", explained.stdout);
}
