//! Laws of what speaks about images: none is lost, whatever fails, and no image has its tag before them.

use super::*;
use crate::oci::{CosignTag, Link, Reference, Referrer};

/// A manifest that speaks about `subject`, and one that cosign keeps under a tag. They share a layer.
fn spoken(world: &World, subject: &Referrer, number: usize) -> Referrer {
    let source = repository("s.test/app");
    let blob = |content: String| {
        let length = content.len() as u64;
        let digest = world.seed_blob(&source, Bytes::from(content));
        Descriptor::new("application/octet-stream".parse().expect("a media type"), digest, length)
    };
    let config = serde_json::to_string(&blob(format!("signature {number}"))).expect("it serialises");
    let layers = listed(&[blob("what is signed".to_owned())]);
    let about = Descriptor::new(subject.media_type.clone(), subject.digest.clone(), 1);
    let about = serde_json::to_string(&about).expect("it serialises");
    let (link, members) = match number % 3 {
        0 => (
            Link::Tag(CosignTag::ALL[number % CosignTag::ALL.len()]),
            format!(r#""config":{config},"layers":{layers}"#),
        ),
        _ => (Link::Subject, format!(r#""config":{config},"layers":{layers},"subject":{about}"#)),
    };
    let raw = manifest(MediaType::oci_manifest().as_str(), &members);
    world.seed_manifest(&source, &raw, None);
    Referrer {
        subject: subject.digest.clone(),
        digest: raw.digest,
        media_type: raw.media_type,
        artifact_type: None,
        link,
    }
}

/// What speaks about any of `manifests`, and about each other; of each tag of cosign's one.
fn seed_referrers(world: &World, manifests: &[RawManifest], random: &mut fastrand::Rng) -> Vec<Referrer> {
    let as_subject = |raw: &RawManifest| Referrer {
        subject: raw.digest.clone(),
        digest: raw.digest.clone(),
        media_type: raw.media_type.clone(),
        artifact_type: None,
        link: Link::Subject,
    };
    let mut subjects: Vec<Referrer> = manifests.iter().map(as_subject).collect();
    let mut referrers: Vec<Referrer> = Vec::new();
    for number in 0..random.usize(..8) {
        let referrer = spoken(world, &subjects[random.usize(..subjects.len())], number);
        let same_tag = |other: &Referrer| {
            referrer.link != Link::Subject
                && (&other.subject, &other.link) == (&referrer.subject, &referrer.link)
        };
        if !referrers.iter().any(same_tag) {
            subjects.push(referrer.clone());
            referrers.push(referrer);
        }
    }
    referrers
}

/// Those of `referrers` that speak about an image, its children, or about others of these.
fn of_image(world_manifests: &[RawManifest], root: &Digest, referrers: &[Referrer]) -> Vec<Referrer> {
    let mut reached = vec![root.clone()];
    let mut at = 0;
    while let Some(digest) = reached.get(at).cloned() {
        let raw = world_manifests.iter().find(|raw| raw.digest == digest);
        let children = raw.and_then(|raw| raw.parse().ok()).map(|manifest| manifest.manifests);
        let children = children.into_iter().flatten().map(|child| child.digest);
        let spoken = referrers.iter().filter(|one| one.subject == digest).map(|one| one.digest.clone());
        reached.extend(children.chain(spoken).filter(|new| *new != digest).collect::<Vec<_>>());
        at += 1;
    }
    referrers.iter().filter(|one| reached.contains(&one.subject)).cloned().collect()
}

/// Every referrer that a target lacked is found there, where the outcome says that all is well.
fn assert_found(world: &World, entries: &[Entry], outcomes: &[Vec<Outcome>]) -> Result<(), TestCaseError> {
    prop_assert_eq!(world.wrongs(), Vec::<String>::new());
    for (target, outcome) in entries.iter().flat_map(|entry| &entry.targets).zip(outcomes.iter().flatten()) {
        if matches!(outcome.result, Done::Created | Done::Updated) {
            let lost = world.not_found(&target.reference.repository, &target.lacks);
            prop_assert_eq!(lost, Vec::new(), "{}", target.reference);
            prop_assert_eq!(outcome.tally.referrers_copied, target.lacks.len() as u64);
        }
    }
    Ok(())
}

#[test]
fn no_referrer_is_lost_and_none_comes_after_the_tag_whatever_fails() {
    laws::hold(scene(prop_oneof![Just(0_u32), 0_u32..60, 0_u32..300]), |scene| {
        let mut random = fastrand::Rng::with_seed(scene.seed);
        let world = World::new(scene.seed, scene.trouble);
        let manifests = seed_source(&world, &scene, &mut random);
        let referrers = seed_referrers(&world, &manifests, &mut random);
        let mut entries = entries(&manifests, &scene, &mut random);
        // Some were there before, the others come with the image.
        let (early, late): (Vec<Referrer>, Vec<Referrer>) =
            referrers.iter().cloned().partition(|_| random.u8(..3) > 0);
        for entry in &mut entries {
            let digest = pinned(entry).expect("it has one").clone();
            for target in &mut entry.targets {
                // Not every rule wants all of them.
                target.lacks = of_image(&manifests, &digest, &early);
                target.lacks.retain(|_| random.u8(..4) > 0);
                random.shuffle(&mut target.lacks);
                let Reference { repository, tag, .. } = &target.reference;
                world.await_referrers(repository, tag.as_ref().expect("it has one"), &target.lacks);
            }
        }
        let outcomes = copied(&world, &scene, &entries);
        assert_whole(&world, &entries, &outcomes)?;
        assert_found(&world, &entries, &outcomes)?;
        world.calm();
        let calm = Scene { trouble: 0, stop_ms: None, ..scene };
        let outcomes = copied(&world, &calm, &entries);
        prop_assert!(
            outcomes.iter().flatten().all(|outcome| outcome.result == Done::Created),
            "{outcomes:?}"
        );
        assert_found(&world, &entries, &outcomes)?;
        // What came later moves alone, and no tag of an image is written for it.
        for entry in &mut entries {
            let digest = pinned(entry).expect("it has one").clone();
            for target in &mut entry.targets {
                target.drift = Drift::Incomplete { found: digest.clone() };
                target.lacks = of_image(&manifests, &digest, &late);
            }
        }
        let tagged = world.tagged();
        let outcomes = copied(&world, &calm, &entries);
        prop_assert!(
            outcomes.iter().flatten().all(|outcome| outcome.result == Done::Updated),
            "{outcomes:?}"
        );
        assert_found(&world, &entries, &outcomes)?;
        prop_assert_eq!(world.tagged(), tagged);
        let writes = world.writes();
        for outcome in copied(&world, &calm, &entries).iter().flatten() {
            prop_assert_eq!(outcome.tally.bytes_copied, 0);
        }
        prop_assert!(world.writes() - writes <= late.len() * 6, "only their own manifests");
        Ok(())
    });
}

#[test]
fn two_that_list_different_referrers_of_one_image_at_once_lose_none() {
    for seed in 0..20 {
        let scene = Scene { seed, images: 1, indexes: 0, entries: 6, targets: 1, trouble: 0, stop_ms: None };
        let mut random = fastrand::Rng::with_seed(seed);
        let world = World::new(seed, 0);
        let manifests = seed_source(&world, &scene, &mut random);
        let [raw] = manifests.as_slice() else { panic!("one image") };
        let image = Referrer {
            subject: raw.digest.clone(),
            digest: raw.digest.clone(),
            media_type: raw.media_type.clone(),
            artifact_type: None,
            link: Link::Subject,
        };
        // All to one repository that lists nothing itself, each with a referrer of its own.
        let mut entries = entries(&manifests, &scene, &mut random);
        let target = repository("t.test/app");
        for (number, entry) in entries.iter_mut().enumerate() {
            let reference = &mut entry.targets[0].reference;
            reference.repository = target.clone();
            entry.targets[0].lacks = vec![spoken(&world, &image, number * 3 + 1)];
        }
        let outcomes = copied(&world, &scene, &entries);
        assert!(outcomes.iter().flatten().all(|outcome| outcome.result == Done::Created), "{outcomes:?}");
        let lacked: Vec<Referrer> = entries.iter().flat_map(|entry| entry.targets[0].lacks.clone()).collect();
        assert_eq!(world.not_found(&target, &lacked), Vec::new(), "{seed}");
        assert_eq!(world.wrongs(), [""; 0], "{seed}");
    }
}
