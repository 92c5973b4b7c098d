//! Debian's `docker-registry` as target, behind the proxy that knows when to kill: a sample of all kills.

use super::points::{self, Point};
use super::promises::assert_tidy;
use super::side_by_side;
use super::watch::{Tags, watched};
use super::workload::{SOURCE, SYNC, TARGET, images, source, spec, wanted};
use crate::bed::digest::matches;
use crate::bed::distribution::Distribution;
use crate::bed::memory::{Registry, RequestKind, Requests};
use crate::bed::program::{Program, Victim};
use crate::bed::proxy::Proxy;
use crate::bed::skopeo::Skopeo;
use crate::bed::tally;
use crate::bed::wire::{Ask, Reply};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

/// Of all points, so many are tried: each takes a registry of its own.
const SAMPLE: usize = 18;
/// How often a tag is looked for that was there before, and how long to wait in between.
const LOOKS: u32 = 300;
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";

/// A source in memory, a docker-registry that has the old image, and the proxy before it.
struct Scene {
    source: Registry,
    target: Distribution,
    proxy: Proxy,
    program: Program,
    /// The tags that were there when somebody looked.
    seen: Mutex<BTreeSet<String>>,
}

impl Scene {
    fn new() -> Self {
        let (source, target, program) = (source(), Distribution::plain(), Program::new());
        let folder = tempfile::tempdir().expect("a folder");
        images().old.write_layout(folder.path(), "latest");
        let (layout, old) = (format!("oci:{}:latest", folder.path().display()), target.host());
        Skopeo::new().copy_all(&layout, &format!("docker://{old}/{TARGET}:latest")).expect("copied");
        let proxy = Proxy::before(target.host());
        let (source_of, targets) =
            (format!("{}/{SOURCE}", source.host()), [format!("{}/{TARGET}", proxy.host())]);
        program.write("crossdock.yaml", &spec(&source_of, &targets));
        Self { source, target, proxy, program, seen: Mutex::default() }
    }

    fn ask(&self, method: &str, path: &str) -> Reply {
        let ask = Ask::new(method, &format!("/v2/{TARGET}/{path}")).header("accept", ACCEPT);
        ask.send(self.target.host()).expect("docker-registry lives")
    }

    /// What each tag names, as a reader sees it.
    fn tags(&self) -> Tags {
        let digest = |tag: &String| {
            let mut seen = self.seen.lock().expect("no panic while looking");
            // It writes the file that says what a tag names in place, so that there is none for a moment.
            let looks = if seen.contains(tag) { LOOKS } else { 1 };
            let found = (0..looks).find_map(|look| {
                std::thread::sleep(BETWEEN_LOOKS * look.min(1));
                let head = self.ask("HEAD", &format!("manifests/{tag}"));
                head.header("docker-content-digest").map(str::to_owned)
            });
            let found = (tag.clone(), found?);
            seen.insert(tag.clone());
            Some(found)
        };
        wanted().keys().filter_map(digest).collect()
    }

    /// The blobs of the workload that are there.
    fn blobs(&self) -> BTreeSet<String> {
        let images = images();
        let all = images.index.blobs.keys().chain(images.new.blobs.keys());
        all.filter(|digest| self.ask("HEAD", &format!("blobs/{digest}")).status == 200).cloned().collect()
    }

    /// Fails unless everything below a manifest is there, with the right bytes.
    fn assert_complete(&self, digest: &str, what: &str) {
        let manifest = self.ask("GET", &format!("manifests/{digest}"));
        assert!(matches(digest, &manifest.body), "{what}: {digest}: {}", manifest.status);
        let document = manifest.json();
        let digests = |key: &str| -> Vec<String> {
            let entries = document[key].as_array().cloned().unwrap_or_default();
            entries.iter().filter_map(|entry: &Value| entry["digest"].as_str().map(str::to_owned)).collect()
        };
        digests("manifests").iter().for_each(|child| self.assert_complete(child, what));
        let config = document["config"]["digest"].as_str().map(str::to_owned);
        for blob in digests("layers").into_iter().chain(config) {
            let found = self.ask("GET", &format!("blobs/{blob}"));
            assert!(matches(&blob, &found.body), "{what}: {blob}: {}", found.status);
        }
    }

    fn assert_whole(&self, what: &str) {
        for (tag, digest) in self.tags() {
            let wanted = &wanted()[&tag];
            assert!(digest == wanted.new || Some(&digest) == wanted.old.as_ref(), "{what}: {tag} {digest}");
            self.assert_complete(&digest, what);
        }
    }

    fn assert_polite(&self, what: &str) {
        let (source, target) = (self.source.requests(), self.proxy.requests());
        assert!(
            source.iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")),
            "{what}:\n{source}"
        );
        let mut deletes = target.iter().filter(|request| request.method == "DELETE");
        assert!(deletes.all(|request| request.kind == RequestKind::UploadDelete), "{what}:\n{target}");
    }
}

/// Kills the program there, perhaps the registry too, looks, runs again and looks again.
fn survive(point: &Point, restarts: bool) {
    let (mut scene, victim, what) = (Scene::new(), Victim::default(), point.to_string());
    let tally = match point.registry {
        0 => scene.source.rule(point.kills(&victim)),
        _ => scene.proxy.rule(point.kills(&victim)),
    };
    watched(
        &what,
        || vec![scene.tags()],
        || {
            let running = scene.program.spawn(&SYNC);
            running.is(&victim);
            assert_eq!((running.wait().signal, tally.acted()), (Some(9), 1), "{what}: it never came to that");
        },
    );
    if restarts {
        // Not while it writes: what it was killed in the middle of writing, it answers with 500 for ever,
        // and says 201 to whoever brings it again.
        let _done = scene.target.requests();
        scene.target.restart();
    }
    scene.assert_whole(&what);
    scene.assert_polite(&what);
    let before = scene.blobs();
    scene.source.clear_rules();
    scene.proxy.clear_rules();
    scene.proxy.clear_requests();
    let finished = watched(&what, || vec![scene.tags()], || scene.program.run(&SYNC));
    assert_eq!(finished.code, Some(0), "{what}\n{}\n{}", finished.stdout, finished.stderr);
    scene.assert_whole(&what);
    scene.assert_polite(&what);
    let new: Tags = wanted().into_iter().map(|(tag, wanted)| (tag, wanted.new)).collect();
    assert_eq!(scene.tags(), new, "{what}");
    let puts = scene.proxy.requests().of(RequestKind::UploadPut);
    let again: Vec<&str> =
        puts.iter().filter_map(|put| put.query("digest")).filter(|digest| before.contains(*digest)).collect();
    assert!(again.is_empty(), "{what}: brought again: {again:?}");
    assert_tidy(&scene.program, &what);
}

#[test]
fn kills_in_front_of_a_docker_registry_lose_nothing() {
    let scene = Scene::new();
    scene.program.run(&SYNC).expect_code(0);
    let requests: [Requests; 2] = [scene.source.requests(), scene.proxy.requests()];
    let points = points::every(&requests);
    assert!(points.len() >= 4 * SAMPLE, "{} points are not what this is about", points.len());
    let every = points.len() / SAMPLE;
    let sample: Vec<&Point> = points.iter().skip(every / 2).step_by(every).collect();
    side_by_side(sample.len(), |number| survive(sample[number], number % 3 == 0));
    tally::count("kills survived", sample.len());
}

#[test]
#[ignore = "soak: some minutes"]
fn soak_every_kill_in_front_of_a_docker_registry_loses_nothing() {
    let scene = Scene::new();
    scene.program.run(&SYNC).expect_code(0);
    let points = points::every(&[scene.source.requests(), scene.proxy.requests()]);
    side_by_side(points.len(), |number| survive(&points[number], number % 3 == 0));
    tally::count("kills survived", points.len());
}
