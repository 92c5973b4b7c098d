//! Kills at random instants, one after another, while somebody watches the tags.

use super::promises::{Undisturbed, after_a_kill, after_the_next};
use super::side_by_side;
use super::watch::watched;
use super::workload::Scene;
use crate::bed::memory::Registry;
use crate::bed::tally;
use fastrand::Rng;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many runs are begun and killed, each once or a few times in a row, in `make test`.
const SCENES: usize = 25;
/// The same in `make soak`.
const SCENES_OF_SOAK: usize = 1000;
/// How often one scene is killed at most before it may run to its end.
const KILLS_MAX: usize = 3;

static UNDISTURBED: LazyLock<(Undisturbed, Duration)> = LazyLock::new(|| {
    let undisturbed = Undisturbed::run();
    let started = Instant::now();
    Scene::new().run().expect_code(0);
    (undisturbed, started.elapsed())
});

/// The seed of the first scene; the others follow. Set to what a failure names, the very same instants
/// come first.
pub(super) fn seed() -> u64 {
    match std::env::var("CROSSDOCK_SEED") {
        Ok(text) => text.parse().expect("CROSSDOCK_SEED is a number"),
        Err(_) => fastrand::u64(..1 << 48),
    }
}

/// Kills a run some time in its life; whether it was still alive.
fn killed_some_time(scene: &Scene, random: &mut Rng) -> bool {
    let (_, whole) = &*UNDISTURBED;
    let after = whole.mul_f64(random.f64() * 1.1);
    let running = scene.start();
    std::thread::sleep(after);
    running.kill();
    running.wait().signal == Some(9)
}

/// Kills, looks, kills again, and lets the last run end. Returns how many kills there were.
fn survive(seed: u64) -> usize {
    let (mut random, what) = (Rng::with_seed(seed), format!("CROSSDOCK_SEED={seed}"));
    let scene = Scene::new();
    let look =
        || scene.targets.iter().map(|target: &Registry| target.tags(super::workload::TARGET)).collect();
    watched(&what, look, || {
        let wanted = random.usize(1..=KILLS_MAX);
        let mut kills = 0;
        let mut killed = None;
        for _ in 0..wanted {
            kills += usize::from(killed_some_time(&scene, &mut random));
            killed = Some(after_a_kill(&scene, &what));
        }
        let killed = killed.expect("at least one");
        after_the_next(&scene, &UNDISTURBED.0, &killed, scene.run(), &what);
        kills
    })
}

fn survive_all(scenes: usize) {
    let (seed, kills) = (seed(), AtomicUsize::new(0));
    println!("CROSSDOCK_SEED={seed}");
    side_by_side(scenes, |number| {
        kills.fetch_add(survive(seed.wrapping_add(number as u64)), Ordering::SeqCst);
    });
    let kills = kills.load(Ordering::SeqCst);
    assert!(kills >= scenes / 2, "most runs had ended before they were killed");
    tally::count("kills survived", kills);
}

#[test]
fn kills_at_random_instants_lose_nothing() {
    survive_all(SCENES);
}

#[test]
#[ignore = "soak: some minutes"]
fn soak_a_thousand_kills_at_random_instants_lose_nothing() {
    survive_all(SCENES_OF_SOAK);
}
