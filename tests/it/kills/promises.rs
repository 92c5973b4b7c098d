//! What has to hold whenever a run was killed, and what has to hold when another one followed.

use super::workload::{Scene, TARGET, wanted};
use crate::bed::memory::{Holding, Registry, RequestKind, Requests};
use crate::bed::program::{Finished, Program};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What each registry holds.
pub(super) type Holdings = BTreeMap<String, Holding>;

/// How it stood when a run had been killed.
pub(super) struct Killed {
    targets: Vec<(Holdings, Requests)>,
    source: Requests,
}

/// How it stands when nobody is killed.
pub(super) struct Undisturbed {
    /// What each target holds.
    pub(super) holdings: Vec<Holdings>,
    /// What the source and the targets were asked.
    pub(super) requests: Vec<Requests>,
}

/// The files of a run that ended.
const FILES: [&str; 2] = ["work/crossdock.yaml", "work/report.json"];
/// What a killed run may leave for whoever looks why, and for the next run to remove: the journal of its
/// report, and the report as far as it was written.
const LEFT: [&str; 2] = ["work/report.json.partial", "work/.crossdock-draft-"];

impl Undisturbed {
    /// Runs without any kill.
    pub(super) fn run() -> Self {
        let scene = Scene::new();
        scene.run().expect_code(0);
        let holdings = scene.targets.iter().map(Registry::holdings).collect();
        Self { holdings, requests: scene.registries().map(Registry::requests).into() }
    }
}

/// Bytes of blobs that a target got. A manifest that is named by its digest is put without looking
/// whether it is there, which costs as much as looking: those are left out.
fn blob_bytes(requests: &Requests) -> u64 {
    [RequestKind::UploadPut, RequestKind::UploadPatch]
        .map(|kind| requests.of(kind).received_bytes())
        .iter()
        .sum()
}

/// Fails unless every tag of the targets is old or new, was never anything else, and is complete.
pub(super) fn assert_whole(scene: &Scene, what: &str) {
    let wanted = wanted();
    for target in &scene.targets {
        for (at, digest) in target.tagged() {
            let tag = at.strip_prefix(&format!("{TARGET}:")).unwrap_or(&at);
            let wanted = wanted.get(tag).unwrap_or_else(|| panic!("{what}: nobody wants {at}"));
            let is_known = digest == wanted.new || Some(&digest) == wanted.old.as_ref();
            assert!(is_known, "{what}: {at} was {digest}");
        }
        for tag in target.tags(TARGET).keys() {
            assert_eq!(target.missing(TARGET, tag), [""; 0], "{what}: {tag}");
        }
    }
}

/// Fails unless the source was only read and no manifest was taken away.
fn assert_polite(scene: &Scene, what: &str) {
    let source = scene.source.requests();
    assert!(
        source.iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")),
        "{what}:\n{source}"
    );
    for target in &scene.targets {
        let requests = target.requests();
        let mut deletes = requests.iter().filter(|request| request.method == "DELETE");
        assert!(deletes.all(|request| request.kind == RequestKind::UploadDelete), "{what}:\n{requests}");
    }
}

/// Fails when a report says what is not so: a tag that is not there, or is another one.
pub(super) fn assert_true(program: &Program, targets: &[(String, BTreeMap<String, String>)], what: &str) {
    if !program.work().join("report.json").exists() {
        return;
    }
    let report: Value = serde_json::from_str(&program.read("report.json"))
        .unwrap_or_else(|error| panic!("{what}: half a report: {error}"));
    for item in report["items"].as_array().expect("items") {
        if !matches!(item["outcome"].as_str(), Some("created" | "updated" | "current")) {
            continue;
        }
        let reference = item["target"]["reference"].as_str().expect("a target");
        let (repository, tag) = reference.rsplit_once(':').expect("a tag");
        let tags = targets.iter().find(|(name, _)| name == repository).map(|(_, tags)| tags);
        let digest = tags.and_then(|tags| tags.get(tag)).map(String::as_str);
        assert_eq!(item["target"]["digestAfter"].as_str(), digest, "{what}: {reference}");
    }
}

/// Fails unless there is nothing beside the spec, the report and what begins like `more`.
fn assert_files(program: &Program, more: &[&str], what: &str) {
    let is_known =
        |file: &String| FILES.contains(&file.as_str()) || more.iter().any(|known| file.starts_with(known));
    let strange: Vec<String> = program.files().into_iter().filter(|file| !is_known(file)).collect();
    assert!(strange.is_empty(), "{what}: left behind: {strange:?}");
}

/// Fails unless there is nothing beside the spec and the report.
pub(super) fn assert_tidy(program: &Program, what: &str) {
    assert_files(program, &[], what);
}

/// Each target repository, as a report names it, with its tags.
fn tags_by_name(scene: &Scene) -> Vec<(String, BTreeMap<String, String>)> {
    let tags = |target: &Registry| (format!("{}/{TARGET}", target.host()), target.tags(TARGET));
    scene.targets.iter().map(tags).collect()
}

/// What has to hold when a run was just killed; takes note of how it stands, and lets the registries
/// behave again.
pub(super) fn after_a_kill(scene: &Scene, what: &str) -> Killed {
    scene.quiet();
    assert_whole(scene, what);
    assert_polite(scene, what);
    assert_true(&scene.program, &tags_by_name(scene), what);
    assert_files(&scene.program, &LEFT, what);
    let targets = scene.targets.iter().map(|target| (target.holdings(), target.requests())).collect();
    let killed = Killed { targets, source: scene.source.requests() };
    scene.calm();
    killed
}

/// What has to hold when the run that follows a kill has ended.
pub(super) fn after_the_next(
    scene: &Scene,
    undisturbed: &Undisturbed,
    killed: &Killed,
    finished: Finished,
    what: &str,
) {
    assert_eq!(finished.code, Some(0), "{what}\nstdout:\n{}\nstderr:\n{}", finished.stdout, finished.stderr);
    assert_whole(scene, what);
    assert_polite(scene, what);
    assert_true(&scene.program, &tags_by_name(scene), what);
    assert_tidy(&scene.program, what);
    for (target, holdings) in scene.targets.iter().zip(&undisturbed.holdings) {
        assert_eq!(target.holdings(), *holdings, "{what}: the state of an undisturbed run");
    }
    assert_thrifty(scene, undisturbed, killed, what);
}

/// Fails when something was carried twice that had arrived.
fn assert_thrifty(scene: &Scene, undisturbed: &Undisturbed, killed: &Killed, what: &str) {
    let digest_of =
        |request: &crate::bed::memory::Request| request.query("digest").unwrap_or_default().to_owned();
    for (number, (target, (before, first))) in scene.targets.iter().zip(&killed.targets).enumerate() {
        let second = target.requests();
        let held = &before[TARGET];
        for put in second.of(RequestKind::UploadPut).iter() {
            assert!(!held.blobs.contains(&digest_of(put)), "{what}: {put} brought what was there");
        }
        let unfinished = |request: &&crate::bed::memory::Request| request.status != Some(201);
        let in_flight: u64 = first.iter().filter(unfinished).map(|request| request.body_bytes).sum();
        let both = blob_bytes(first) + blob_bytes(&second);
        let all = blob_bytes(&undisturbed.requests[number + 1]);
        assert!(
            both <= all + in_flight,
            "{what}: target {number}: {both} of {all} bytes, {in_flight} in flight"
        );
    }
    assert_read_once(scene, undisturbed, killed, what);
}

/// Fails when a blob was read again that every target had.
fn assert_read_once(scene: &Scene, undisturbed: &Undisturbed, killed: &Killed, what: &str) {
    let held = |digest: &str| killed.targets.iter().all(|(before, _)| before[TARGET].blobs.contains(digest));
    let named = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let second = scene.source.requests().of(RequestKind::BlobGet);
    let again: BTreeSet<String> =
        second.iter().map(|get| named(&get.path)).filter(|digest| held(digest)).collect();
    assert!(again.is_empty(), "{what}: read again: {again:?}");
    let first = killed.source.of(RequestKind::BlobGet);
    let lost = first.iter().filter(|get| !held(&named(&get.path)));
    let in_flight: u64 = lost.map(|get| get.sent_bytes).sum();
    let (both, all) = (
        first.sent_bytes() + second.sent_bytes(),
        undisturbed.requests[0].of(RequestKind::BlobGet).sent_bytes(),
    );
    assert!(both <= all + in_flight, "{what}: {both} of {all} bytes read, {in_flight} in flight");
}
