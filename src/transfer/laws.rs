//! Laws of copying, over any graph of indexes and manifests, with any targets and troubles.

mod referrers;

use super::{Care, Shared, Sighting, Stop, StopCause};
use crate::laws;
use crate::meter::Meter;
use crate::oci::{Descriptor, Digest, MediaType, RawManifest, Repository, Tag};
use crate::outcome::{Done, Outcome};
use crate::plan::{Drift, Entry, Pin, TargetEntry};
use crate::store::model::World;
use bytes::Bytes;
use futures::future::{join, join_all};
use proptest::prelude::*;
use std::time::Duration;

/// What is copied, and what is in the way.
#[derive(Debug, Clone)]
struct Scene {
    seed: u64,
    images: usize,
    indexes: usize,
    entries: usize,
    targets: usize,
    /// How many of a thousand requests fail.
    trouble: u32,
    /// When the run is to end early, in milliseconds.
    stop_ms: Option<u64>,
}

fn scene(trouble: impl Strategy<Value = u32>) -> impl Strategy<Value = Scene> {
    let sizes = (1_usize..6, 0_usize..4, 1_usize..6, 1_usize..4);
    let stop_ms = proptest::option::weighted(0.2, 0_u64..2_000);
    (any::<u64>(), sizes, trouble, stop_ms).prop_map(|(seed, sizes, trouble, stop_ms)| {
        let (images, indexes, entries, targets) = sizes;
        Scene { seed, images, indexes, entries, targets, trouble, stop_ms }
    })
}

fn repository(name: &str) -> Repository {
    name.parse().expect("a repository")
}

/// A manifest with these members.
fn manifest(media_type: &str, members: &str) -> RawManifest {
    let document = format!(r#"{{"schemaVersion":2,"mediaType":"{media_type}",{members}}}"#);
    RawManifest::new(media_type.parse().expect("a media type"), document.into(), None)
}

fn listed(manifests: &[Descriptor]) -> String {
    serde_json::to_string(manifests).expect("descriptors serialise")
}

fn descriptor(raw: &RawManifest) -> Descriptor {
    Descriptor::new(raw.media_type.clone(), raw.digest.clone(), raw.bytes.len() as u64)
}

/// Seeds the source with images that share layers, and with indexes over them and over each other.
fn seed_source(world: &World, scene: &Scene, random: &mut fastrand::Rng) -> Vec<RawManifest> {
    let source = repository("s.test/app");
    let blob = |content: String| {
        let (bytes, media_type) = (Bytes::from(content), "application/octet-stream".parse::<MediaType>());
        let length = bytes.len() as u64;
        Descriptor::new(media_type.expect("a media type"), world.seed_blob(&source, bytes), length)
    };
    let mut manifests = Vec::new();
    for number in 0..scene.images {
        let config = serde_json::to_string(&blob(format!("config {number}"))).expect("it serialises");
        // Of few layers, so that images share them; one is empty, and one may stand there twice.
        let layers: Vec<Descriptor> =
            (0..random.usize(..4)).map(|_| blob("layer".repeat(random.usize(..5)))).collect();
        let members = format!(r#""config":{config},"layers":{}"#, listed(&layers));
        manifests.push(manifest(MediaType::oci_manifest().as_str(), &members));
    }
    for _ in 0..scene.indexes {
        let children: Vec<Descriptor> =
            (0..random.usize(..4)).map(|_| descriptor(&manifests[random.usize(..manifests.len())])).collect();
        manifests.push(manifest(
            MediaType::oci_index().as_str(),
            &format!(r#""manifests":{}"#, listed(&children)),
        ));
    }
    manifests.iter().for_each(|raw| world.seed_manifest(&source, raw, None));
    manifests
}

/// Entries of any of the manifests to any repositories: of one store, of two, and the same more than once.
fn entries(manifests: &[RawManifest], scene: &Scene, random: &mut fastrand::Rng) -> Vec<Entry> {
    let mut entry = |number: usize| {
        let raw = &manifests[random.usize(..manifests.len())];
        let target = |at: usize| {
            let host = ["t.test", "u.test"][random.usize(..2)];
            let tag: Tag = format!("{number}-{at}").parse().expect("a tag");
            let reference = repository(&format!("{host}/app{}", random.u8(..3))).at(tag);
            TargetEntry { reference, drift: Drift::Absent, lacks: Vec::new() }
        };
        Entry {
            mirror: "m".to_owned(),
            spec_line: None,
            source: repository("s.test/app").at("1".parse().expect("a tag")),
            pin: Some(Pin { digest: raw.digest.clone(), media_type: raw.media_type.clone(), origin: None }),
            rename: None,
            referrers: None,
            targets: (0..scene.targets).map(target).collect(),
        }
    };
    (0..scene.entries).map(&mut entry).collect()
}

/// Copies all entries at once; fails where somebody waits for ever.
fn copied(world: &World, scene: &Scene, entries: &[Entry]) -> Vec<Vec<Outcome>> {
    let stop = Stop::default();
    let shared = Shared::new(Meter::new(), stop.clone());
    let stopping = async {
        if let Some(ms) = scene.stop_ms {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            stop.soon(StopCause::Interrupted);
        }
    };
    let sighting = Sighting { at: tokio::time::Instant::now(), care: Care::Usual };
    let copies = join_all(entries.iter().map(|entry| shared.copy(entry, sighting, world)));
    laws::ends(join(copies, stopping)).expect("nobody waits for ever").0
}

fn pinned(entry: &Entry) -> Option<&Digest> {
    entry.pin.as_ref().map(|pin| &pin.digest)
}

/// Nothing was written before what it reaches; every tag names what was planned, and all below it is there.
fn assert_whole(world: &World, entries: &[Entry], outcomes: &[Vec<Outcome>]) -> Result<(), TestCaseError> {
    prop_assert_eq!(world.wrongs(), Vec::<String>::new());
    for (entry, outcomes) in entries.iter().zip(outcomes) {
        prop_assert_eq!(outcomes.len(), entry.targets.len());
        for (TargetEntry { reference, .. }, outcome) in entry.targets.iter().zip(outcomes) {
            let tag = reference.tag.as_ref().expect("it has one");
            let found = world.tag(&reference.repository, tag);
            match (&outcome.result, &found) {
                (Done::Created, Some(_)) | (Done::Failed(_) | Done::Deferred(_), _) => {}
                other => prop_assert!(false, "{reference}: {other:?}"),
            }
            if let Some((digest, missing)) = found {
                prop_assert_eq!(Some(&digest), pinned(entry));
                prop_assert_eq!(missing, Vec::<String>::new());
            }
        }
    }
    Ok(())
}

#[test]
fn nothing_is_put_before_what_it_reaches_whatever_fails() {
    laws::hold(scene(prop_oneof![Just(0_u32), 0_u32..60, 0_u32..400]), |scene| {
        let mut random = fastrand::Rng::with_seed(scene.seed);
        let world = World::new(scene.seed, scene.trouble);
        let manifests = seed_source(&world, &scene, &mut random);
        let entries = entries(&manifests, &scene, &mut random);
        let outcomes = copied(&world, &scene, &entries);
        assert_whole(&world, &entries, &outcomes)?;
        // A second run, without trouble, does the rest, and a third one finds everything.
        world.calm();
        let calm = Scene { trouble: 0, stop_ms: None, ..scene };
        let outcomes = copied(&world, &calm, &entries);
        assert_whole(&world, &entries, &outcomes)?;
        let all = outcomes.iter().flatten();
        prop_assert!(all.clone().all(|outcome| outcome.result == Done::Created), "{outcomes:?}");
        let copied_again: u64 =
            copied(&world, &calm, &entries).iter().flatten().map(|outcome| outcome.tally.bytes_copied).sum();
        prop_assert_eq!(copied_again, 0);
        Ok(())
    });
}
