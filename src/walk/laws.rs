//! A law of the whole walk: what a plan says is done, is done; and then there is nothing to do.

use super::{Ended, Found, Purpose, copy, discover};
use crate::estate::Wanted;
use crate::laws;
use crate::meter::Meter;
use crate::oci::{MediaType, RawManifest, Repository, Tag};
use crate::outcome::Done;
use crate::resolve::Filtering;
use crate::spec;
use crate::store::Sight;
use crate::store::model::World;
use crate::transfer::{Shared, Stop};
use bytes::Bytes;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the target has before: nothing, an older image, or what the source has.
#[derive(Debug, Clone, Copy)]
enum Before {
    Nothing,
    Older,
    Same,
}

/// The rest of a rule, which begins with its source.
const RULES: [&str; 6] = [
    "target: t.test/mirror/app",
    "target: [t.test/mirror/app, u.test/other]\n    tags: \"1*\"",
    "target: t.test/mirror/app\n    tags: { include: \"*\", exclude: \"*2*\", newest: 3 }",
    "target: t.test/mirror/app\n    rename: { match: \"^1\", to: \"one\" }",
    "target: u.test/third\n    immutable: \"*\"",
    "target: t.test/kept\n    on_existing: keep",
];

fn repository(name: &str) -> Repository {
    name.parse().expect("a repository")
}

/// An image whose config and layer are `content`.
fn image(world: &World, repository: &Repository, content: &str) -> RawManifest {
    let digest = world.seed_blob(repository, Bytes::from(content.to_owned()));
    let blob = format!(r#"{{"mediaType":"a/b","digest":"{digest}","size":{}}}"#, content.len());
    let document = format!(r#"{{"schemaVersion":2,"config":{blob},"layers":[{blob}]}}"#);
    let raw = RawManifest::new(MediaType::oci_manifest(), document.into(), None);
    world.seed_manifest(repository, &raw, None);
    raw
}

fn seeded(world: &World, tags: &BTreeMap<String, (u8, Before)>) {
    let (source, targets) = (repository("s.test/app"), ["t.test/mirror/app", "u.test/other", "t.test/kept"]);
    for (tag, (content, before)) in tags {
        let tag: Tag = tag.parse().expect("a tag");
        let raw = image(world, &source, &format!("image {content}"));
        world.seed_manifest(&source, &raw, Some(&tag));
        for target in targets.map(repository) {
            let old = match before {
                Before::Nothing => continue,
                Before::Older => image(world, &target, &format!("older than {content}")),
                Before::Same => image(world, &target, &format!("image {content}")),
            };
            world.seed_manifest(&target, &old, Some(&tag));
        }
    }
}

fn spec_of(rules: &[usize]) -> spec::Spec {
    let one = |rule: &usize| format!("  - source: s.test/app\n    name: rule {rule}\n    {}\n", RULES[*rule]);
    let rules: String = rules.iter().map(one).collect();
    let text = format!("version: 1\nmirrors:\n{rules}");
    spec::load("crossdock.yaml", &text, &|_| None).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

/// Everything that is found now.
async fn planned(world: &World, spec: &spec::Spec) -> Vec<Found> {
    let sight: Arc<dyn Sight> = Arc::new(world.clone());
    let mut found = discovered(sight, spec, Purpose::Tell);
    let mut all = Vec::new();
    while let Some(one) = found.recv().await {
        all.push(one);
    }
    all
}

fn discovered(
    sight: Arc<dyn Sight>,
    spec: &spec::Spec,
    purpose: Purpose,
) -> tokio::sync::mpsc::Receiver<Found> {
    let filtering = Arc::new(Filtering::new(BTreeMap::new(), 0, |_| ()));
    let wanted = Wanted { rules: spec.mirrors.clone(), estates: Vec::new() };
    discover(wanted, filtering, sight, purpose, Meter::new(), Stop::default())
}

async fn synced(world: &World, spec: &spec::Spec) -> Ended {
    let found = discovered(Arc::new(world.clone()), spec, Purpose::Copy);
    let shared = Arc::new(Shared::new(Meter::new(), Stop::default()));
    copy(found, shared, Arc::new(world.clone()), |_| ()).await
}

#[test]
fn after_a_plan_was_carried_out_there_is_nothing_to_do() {
    let before = prop::sample::select(vec![Before::Nothing, Before::Older, Before::Same]);
    let tags = btree_map("[12](\\.[0-3]){0,2}|latest", (0_u8..4, before), 1..10);
    // Any rules but no two that write to one place.
    let rules = vec(0_usize..RULES.len(), 1..3).prop_filter("two rules for one target", |rules| {
        let of_app = rules.iter().filter(|rule| **rule < 4).count();
        of_app < 2 && (rules.len() < 2 || rules[0] != rules[1])
    });
    laws::hold((any::<u64>(), tags, rules, 0_u32..300), |(seed, tags, rules, trouble)| {
        let world = World::new(seed, trouble);
        seeded(&world, &tags);
        let spec = spec_of(&rules);
        laws::ends(async {
            // One run in bad weather, one in good.
            synced(&world, &spec).await;
            world.calm();
            let ended = synced(&world, &spec).await;
            prop_assert!(ended.unresolved.is_empty(), "{:?}", ended.unresolved);
            for outcome in ended.entries.iter().flat_map(|settled| settled.outcomes.iter().flatten()) {
                let fine = matches!(outcome.result, Done::Created | Done::Updated | Done::Current);
                prop_assert!(fine, "{outcome:?}");
            }
            let writes = world.writes();
            for found in planned(&world, &spec).await {
                match found {
                    Found::Entry(entry, _, _) => {
                        let marks: String = entry.targets.iter().map(|target| target.drift.mark()).collect();
                        prop_assert!(marks.chars().all(|mark| mark == '='), "{marks} {entry:?}");
                    }
                    Found::Unresolved(lost) => prop_assert!(false, "{lost:?}"),
                    Found::Dropped(_) | Found::Asked(_) | Found::Looked(_) => {}
                }
            }
            synced(&world, &spec).await;
            prop_assert_eq!(world.writes(), writes, "a second run writes nothing");
            prop_assert_eq!(world.wrongs(), Vec::<String>::new());
            Ok(())
        })
        .expect("nobody waits for ever")
    });
}
