//! Two layouts as targets: at every instant that their source knows of, and at random ones.

use super::points::{self, Point};
use super::promises::assert_tidy;
use super::random::seed;
use super::side_by_side;
use super::workload::{SOURCE, SYNC, images, source, spec, wanted};
use crate::bed::memory::{Registry, Requests};
use crate::bed::program::{Program, Victim};
use crate::bed::tally;
use crate::layout_images::assert_whole;
use fastrand::Rng;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The layouts, below the working directory.
const LAYOUTS: [&str; 2] = ["one", "other"];
/// How many kills at random instants: most of what a layout does is between the requests.
const AT_RANDOM: usize = 16;
/// The same in `make soak`.
const AT_RANDOM_IN_SOAK: usize = 300;
/// The latest instant at which somebody is killed at random.
const RUN: Duration = Duration::from_millis(250);

/// A source and two layouts, of which one holds the old image.
struct Scene {
    source: Registry,
    program: Program,
}

/// The tags of a layout with what they name, and the names of all files below its blobs.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    tags: BTreeMap<String, String>,
    files: BTreeSet<String>,
}

struct Undisturbed {
    held: Vec<Held>,
    requests: Requests,
}

static UNDISTURBED: LazyLock<Undisturbed> = LazyLock::new(|| {
    let scene = Scene::new();
    scene.program.run(&SYNC).expect_code(0);
    let held = LAYOUTS.map(|layout| scene.held(layout)).into();
    Undisturbed { held, requests: scene.source.requests() }
});

impl Scene {
    fn new() -> Self {
        let scene = Self { source: source(), program: Program::new() };
        let targets = LAYOUTS.map(|layout| format!("oci:{layout}"));
        scene.program.write("crossdock.yaml", &spec(&format!("{}/{SOURCE}", scene.source.host()), &targets));
        images().old.write_layout(&scene.path(LAYOUTS[0]), "latest");
        scene
    }

    fn path(&self, layout: &str) -> PathBuf {
        self.program.work().join(layout)
    }

    fn held(&self, layout: &str) -> Held {
        let top = format!("work/{layout}/");
        let files = self.program.files().into_iter();
        let files = files.filter_map(|file| file.strip_prefix(&top).map(str::to_owned)).collect();
        let mut tags = BTreeMap::new();
        if self.path(layout).join("index.json").exists() {
            let index: Value = serde_json::from_str(&self.program.read(&format!("{layout}/index.json")))
                .expect("an index that is there is whole");
            for entry in index["manifests"].as_array().expect("entries") {
                let tag = entry["annotations"]["org.opencontainers.image.ref.name"].as_str().expect("a tag");
                let digest = entry["digest"].as_str().expect("a digest");
                assert_eq!(tags.insert(tag.to_owned(), digest.to_owned()), None, "one entry a tag");
            }
        }
        Held { tags, files }
    }

    /// Fails unless each layout is none yet, or whole, with tags that are old or new.
    fn assert_whole(&self, what: &str) {
        for layout in LAYOUTS {
            let held = self.held(layout);
            if self.path(layout).join("index.json").exists() {
                assert_whole(&self.path(layout));
            }
            for (tag, digest) in held.tags {
                let wanted = &wanted()[&tag];
                assert!(
                    digest == wanted.new || Some(&digest) == wanted.old.as_ref(),
                    "{what}: {tag} {digest}"
                );
            }
        }
    }

    /// Runs again, and compares with a run that nobody disturbed.
    fn assert_goes_on(&self, what: &str) {
        self.assert_whole(what);
        let finished = self.program.run(&SYNC);
        assert_eq!(finished.code, Some(0), "{what}\n{}\n{}", finished.stdout, finished.stderr);
        self.assert_whole(what);
        for (layout, held) in LAYOUTS.iter().zip(&UNDISTURBED.held) {
            assert_eq!(self.held(layout), *held, "{what}: {layout}");
            std::fs::remove_dir_all(self.path(layout)).expect("it is there");
        }
        assert_tidy(&self.program, what);
        let source = self.source.requests();
        assert!(source.iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")), "{source}");
    }
}

fn survive(point: &Point) {
    let (scene, victim, what) = (Scene::new(), Victim::default(), point.to_string());
    let tally = scene.source.rule(point.kills(&victim));
    let running = scene.program.spawn(&SYNC);
    running.is(&victim);
    assert_eq!((running.wait().signal, tally.acted()), (Some(9), 1), "{what}: it never came to that");
    scene.source.clear_rules();
    scene.assert_goes_on(&what);
}

#[test]
fn a_kill_at_each_request_of_a_copy_to_layouts_leaves_them_whole() {
    let points = points::every(std::slice::from_ref(&UNDISTURBED.requests));
    assert!(points.len() >= 30, "{} kills are not what this is about", points.len());
    side_by_side(points.len(), |number| survive(&points[number]));
    tally::count("kills survived", points.len());
}

fn survive_at_random(scenes: usize) {
    let (seed, kills) = (seed(), AtomicUsize::new(0));
    println!("CROSSDOCK_SEED={seed}");
    side_by_side(scenes, |number| {
        let seed = seed.wrapping_add(number as u64);
        let (mut random, scene) = (Rng::with_seed(seed), Scene::new());
        let running = scene.program.spawn(&SYNC);
        std::thread::sleep(RUN.mul_f64(random.f64()));
        running.kill();
        kills.fetch_add(usize::from(running.wait().signal == Some(9)), Ordering::SeqCst);
        scene.assert_goes_on(&format!("CROSSDOCK_SEED={seed}"));
    });
    tally::count("kills survived", kills.into_inner());
}

#[test]
fn a_kill_at_a_random_instant_of_a_copy_to_layouts_leaves_them_whole() {
    survive_at_random(AT_RANDOM);
}

#[test]
#[ignore = "soak: a minute"]
fn soak_kills_at_random_instants_of_copies_to_layouts_leave_them_whole() {
    survive_at_random(AT_RANDOM_IN_SOAK);
}
