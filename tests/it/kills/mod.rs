//! Killed at any instant, a run leaves nothing half done, and the next one ends as if nothing had been.
//!
//! `workload` is what is mirrored, `promises` is what has to hold after a kill and after the run that
//! follows, `points` are the instants. The rest is who is killed, when, and in front of what.

mod every;
mod layouts;
mod outages;
mod points;
mod promises;
mod random;
mod real;
mod signed;
mod twice;
mod watch;
mod workload;

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many scenes run at the same time, on top of the tests that do: most of a scene is waiting.
const AT_ONCE: usize = 3;

/// Plays scenes `0..count`, several at a time; the first that fails fails the test.
fn side_by_side(count: usize, scene: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return;
                    }
                    scene(number);
                }
            });
        }
    });
}
