//! Two runs of the same spec at the same time, which know nothing of each other.

use super::promises::{Undisturbed, assert_tidy, assert_whole};
use super::random::seed;
use super::side_by_side;
use super::watch::watched;
use super::workload::{SYNC, Scene, TARGET};
use crate::bed::memory::Registry;
use crate::bed::program::Program;
use crate::bed::tally;
use fastrand::Rng;
use std::sync::LazyLock;
use std::time::Duration;

/// How many pairs of runs.
const PAIRS: usize = 8;

static UNDISTURBED: LazyLock<Undisturbed> = LazyLock::new(Undisturbed::run);

/// Runs two programs; the second is killed some time if it is to be, and whether it was is returned.
fn both(what: &str, random: &mut Rng, kill_within: Option<Duration>) -> bool {
    let (scene, other) = (Scene::new(), Program::new());
    scene.write_spec(&other);
    let look = || scene.targets.iter().map(|target: &Registry| target.tags(TARGET)).collect();
    let was_killed = watched(what, look, || {
        let (one, two) = (scene.start(), other.spawn(&SYNC));
        if let Some(most) = kill_within {
            std::thread::sleep(most.mul_f64(random.f64()));
            two.kill();
        }
        let finished = one.wait();
        assert_eq!(finished.code, Some(0), "{what}\n{}\n{}", finished.stdout, finished.stderr);
        let finished = two.wait();
        let was_killed = finished.signal == Some(9);
        assert!(was_killed || finished.code == Some(0), "{what}\n{}\n{}", finished.stdout, finished.stderr);
        was_killed
    });
    scene.quiet();
    assert_whole(&scene, what);
    for (target, holdings) in scene.targets.iter().zip(&UNDISTURBED.holdings) {
        assert_eq!(target.holdings(), *holdings, "{what}");
    }
    assert_tidy(&scene.program, what);
    was_killed
}

#[test]
fn two_runs_at_once_end_as_one_does() {
    side_by_side(PAIRS, |number| {
        both(&format!("pair {number}"), &mut Rng::with_seed(0), None);
    });
}

#[test]
fn a_run_whose_twin_is_killed_ends_as_if_it_had_been_alone() {
    let (seed, kills) = (seed(), std::sync::atomic::AtomicUsize::new(0));
    println!("CROSSDOCK_SEED={seed}");
    side_by_side(PAIRS, |number| {
        let seed = seed.wrapping_add(number as u64);
        let what = format!("CROSSDOCK_SEED={seed}");
        let was_killed = both(&what, &mut Rng::with_seed(seed), Some(Duration::from_millis(60)));
        kills.fetch_add(usize::from(was_killed), std::sync::atomic::Ordering::SeqCst);
    });
    tally::count("kills survived", kills.into_inner());
}
