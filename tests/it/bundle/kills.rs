//! Kills at random instants, with a disk that then has whatever it has.

use super::*;
use crate::bed::tally;
use fastrand::Rng;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How many bundles are begun and killed, each a few times in a row.
const SCENES: u64 = 6;
/// How often one of them is killed at most.
const KILLS_MAX: usize = 3;

/// A bundle that was never disturbed, and how long that took.
static UNDISTURBED: LazyLock<Duration> = LazyLock::new(|| {
    let (scene, started) = (Scene::new(), Instant::now());
    scene.create(&[]).expect_code(0);
    started.elapsed()
});

/// The blobs in what a killed run left that are what their names say.
fn whole(scene: &Scene, split: bool) -> BTreeSet<String> {
    let bytes = match split {
        false => std::fs::read(scene.program.work().join("site.tar.partial")).unwrap_or_default(),
        true => (1..20)
            .filter_map(|part| {
                let name = format!("site.tar.{part:03}");
                let read = |name: &str| std::fs::read(scene.program.work().join(name)).ok();
                read(&format!("{name}.partial")).or_else(|| read(&name))
            })
            .flatten()
            .collect(),
    };
    let (_, members) = members(&bytes);
    let blobs = members.into_iter().filter(|(name, _)| name.starts_with("blobs/"));
    let sound = blobs.filter(|(name, bytes)| format!("blobs/{}", sha256(bytes).replace(':', "/")) == *name);
    sound.map(|(name, _)| name["blobs/".len()..].replace('/', ":")).collect()
}

fn survive(seed: u64, split: bool) -> usize {
    let (mut random, scene) = (Rng::with_seed(seed), Scene::new());
    let what = format!("CROSSDOCK_SEED={seed}, split: {split}");
    let more: &[&str] = if split { &["--split", "200kB"] } else { &[] };
    let mut kills = 0;
    for _ in 0..random.usize(1..=KILLS_MAX) {
        let running = scene.start(more);
        std::thread::sleep(UNDISTURBED.mul_f64(random.f64() * 1.1));
        running.kill();
        kills += usize::from(running.wait().signal == Some(9));
        // One that ended before the kill has its name, and the next begins anew.
        let had = whole(&scene, split);
        let is_whole = scene.has(if split { "site.tar.sha256" } else { "site.tar" });
        scene.source.clear_requests();
        if is_whole {
            break;
        }
        let running = scene.start(more);
        std::thread::sleep(UNDISTURBED.mul_f64(random.f64() * 0.8));
        running.kill();
        running.wait();
        let fetched = scene.fetched();
        assert!(fetched.iter().all(|digest| !had.contains(digest)), "{what}: fetched again: {fetched:?}");
    }
    let finished = scene.create(more);
    assert_eq!(finished.code, Some(0), "{what}: {finished:?}");
    let bytes = match split {
        false => scene.bytes("site.tar"),
        true => (1..20)
            .map_while(|part| std::fs::read(scene.program.work().join(format!("site.tar.{part:03}"))).ok())
            .flatten()
            .collect(),
    };
    let bundle = Bundle::read(&bytes);
    bundle.assert_sound();
    assert_eq!(bundle.blobs(), &parts(&two()) | &parts(&one()), "{what}");
    let left: Vec<String> =
        scene.program.files().into_iter().filter(|file| file.contains("partial")).collect();
    assert_eq!(left, [""; 0], "{what}");
    kills
}

#[test]
fn killed_at_any_instant_a_bundle_is_gone_on_with() {
    let seed = match std::env::var("CROSSDOCK_SEED") {
        Ok(text) => text.parse().expect("CROSSDOCK_SEED is a number"),
        Err(_) => fastrand::u64(..1 << 48),
    };
    println!("CROSSDOCK_SEED={seed}");
    let kills: usize = (0..SCENES).map(|number| survive(seed.wrapping_add(number), number % 2 == 1)).sum();
    assert!(kills > 0, "every run had ended before it was killed");
    tally::count("kills of bundles survived", kills);
}
