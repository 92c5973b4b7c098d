//! Laws of the ledger and the queue together: whoever comes, waits, fails or goes away, nobody waits for ever.

use super::{BEGUN, LARGE_BYTES_MIN, MOVING, Queue, Wish};
use crate::laws;
use crate::oci::Repository;
use crate::transfer::ledger::{Claim, Ledger, Promise};
use futures::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Somebody who needs content in some repositories.
#[derive(Debug, Clone)]
struct Needy {
    content: u8,
    repositories: Vec<u8>,
    size_bytes: u64,
    comes_ms: u64,
    /// How long it takes to begin, and to move.
    takes_ms: (u64, u64),
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It brings what it promised.
    Keeps,
    /// It fails, once, and leaves its promises to others.
    Fails,
    /// It goes away after so many milliseconds, wherever it is.
    Leaves(u64),
}

fn needy() -> impl Strategy<Value = Needy> {
    let fate = prop_oneof![
        4 => Just(Fate::Keeps),
        1 => Just(Fate::Fails),
        1 => (0_u64..500).prop_map(Fate::Leaves),
    ];
    let size = prop_oneof![Just(0_u64), Just(1), Just(LARGE_BYTES_MIN)];
    let times = (0_u64..300, (0_u64..100, 0_u64..100));
    (0_u8..4, vec(0_u8..4, 1..4), size, times, fate).prop_map(
        |(content, repositories, size_bytes, times, fate)| {
            let (comes_ms, takes_ms) = times;
            Needy { content, repositories, size_bytes, comes_ms, takes_ms, fate }
        },
    )
}

/// What is shared by all who come.
struct Scene {
    ledger: Ledger<u8>,
    queue: Queue,
    begun: AtomicUsize,
    moving: AtomicUsize,
}

/// One more, until it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize, max: usize) -> Self {
        assert!(count.fetch_add(1, Ordering::Relaxed) < max, "more than {max} places were given away");
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Scene {
    /// As a copy does it: promises are kept before anybody is waited for.
    async fn settle(&self, needy: &Needy) {
        sleep(Duration::from_millis(needy.comes_ms)).await;
        let mut open = needy.repositories.clone();
        let mut may_fail = needy.fate == Fate::Fails;
        while !open.is_empty() {
            let wanted = open.iter().map(|number| (needy.content, repository(*number)));
            let (mut promises, mut changes, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
            for (number, claim) in open.iter().zip(self.ledger.claim(wanted)) {
                match claim {
                    Claim::Held => {}
                    Claim::Yours { promise, .. } => promises.push(promise),
                    Claim::Wait(change) => {
                        changes.push(change);
                        waiting.push(*number);
                    }
                }
            }
            if !promises.is_empty() {
                self.bring(needy, promises, std::mem::take(&mut may_fail)).await;
            }
            join_all(changes).await;
            open = waiting;
        }
    }

    async fn bring(&self, needy: &Needy, promises: Vec<Promise<u8>>, fails: bool) {
        let followers = promises.iter().map(Promise::followers).collect();
        let wish = Wish { size_bytes: needy.size_bytes, followers };
        let source = repository(0).store();
        let beginning = self.queue.begin(source, wish).await;
        let _begun = Counted::new(&self.begun, BEGUN.places);
        sleep(Duration::from_millis(needy.takes_ms.0)).await;
        let _moves = beginning.moving().await;
        let _moving = Counted::new(&self.moving, MOVING.places);
        sleep(Duration::from_millis(needy.takes_ms.1)).await;
        if !fails {
            promises.into_iter().for_each(Promise::settle);
        }
    }
}

fn repository(number: u8) -> Repository {
    format!("r.test/app{number}").parse().expect("a repository")
}

#[test]
fn nobody_waits_for_ever_whoever_fails_or_goes_away() {
    laws::hold(vec(needy(), 1..140), |all| {
        let (begun, moving) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let scene = Scene { ledger: Ledger::new(), queue: Queue::default(), begun, moving };
        let one = async |needy: &Needy| match needy.fate {
            Fate::Leaves(after_ms) => {
                // Whether it was done by then does not matter.
                let _ = timeout(Duration::from_millis(after_ms), scene.settle(needy)).await;
            }
            Fate::Keeps | Fate::Fails => scene.settle(needy).await,
        };
        let ended = laws::ends(join_all(all.iter().map(one)));
        prop_assert!(ended.is_some(), "somebody waits for ever");
        // What was kept is held, by whoever comes later.
        for needy in all.iter().filter(|needy| needy.fate == Fate::Keeps) {
            let wanted = needy.repositories.iter().map(|number| (needy.content, repository(*number)));
            prop_assert!(scene.ledger.claim(wanted).iter().all(|claim| matches!(claim, Claim::Held)));
        }
        Ok(())
    });
}
