//! Secrets that end: each asked for once, however many wait for it, and again before its end. Knows
//! no protocol.

use crate::failure::{Class, Failure, Fallible};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A clock that only goes forward: how long something lives is counted on it, whatever the time of
/// day is here or there.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// Something as it came from whoever gives it.
pub(super) struct Fresh<V> {
    pub(super) value: V,
    /// When it was asked for: its life is counted from here, not from when the answer came.
    pub(super) since: Instant,
    /// How long it may be used; zero means by those who wait for it and nobody else.
    pub(super) life: Duration,
}

/// Something in use.
#[derive(Debug, Clone)]
pub(super) struct Held<V> {
    pub(super) value: V,
    pub(super) generation: u64,
    since: Instant,
    refresh_at: Instant,
    expires_at: Instant,
}

/// All that is held, by what it is for.
pub(super) struct Renewed<K, V> {
    slots: Arc<Mutex<Slots<K, V>>>,
    clock: Clock,
}

struct Slots<K, V> {
    by_key: BTreeMap<K, Slot<V>>,
    generation: u64,
}

struct Slot<V> {
    held: Option<Held<V>>,
    /// The last word of whoever gives it: it is not asked for this again.
    refused: Option<Box<Failure>>,
    /// Weak, so that a request nobody waits for any more is dropped with its last waiter.
    flight: Option<WeakShared<Flight<V>>>,
}

type Flight<V> = BoxFuture<'static, Fallible<Held<V>>>;

/// Something is replaced this long before its end, or a fifth of its life if that is shorter.
const MARGIN_MAX: Duration = Duration::from_secs(30);

impl<K, V> Renewed<K, V>
where
    K: Ord + Clone + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(clock: Clock) -> Self {
        let slots = Slots { by_key: BTreeMap::new(), generation: 0 };
        Self { slots: Arc::new(Mutex::new(slots)), clock }
    }

    /// What is held for `key`: what is at hand, or what is being fetched, or what `fetch` gives. A
    /// failure reaches everyone who waited for that fetch; who comes later fetches anew, unless it
    /// was refused, which is final for the run.
    ///
    /// While a fetch fails in a way that may pass, what has not quite expired is used on.
    pub(super) async fn get<F>(&self, key: &K, fetch: F) -> Fallible<Held<V>>
    where
        F: Future<Output = Fallible<Fresh<V>>> + Send + 'static,
    {
        let now = (self.clock)();
        let (flight, old) = {
            let mut slots = lock(&self.slots);
            let slot = slots.by_key.entry(key.clone()).or_default();
            match (&slot.held, &slot.refused) {
                (Some(held), _) if now < held.refresh_at => return Ok(held.clone()),
                (_, Some(refused)) => return Err(refused.clone()),
                _ => {}
            }
            let flight = match slot.flight.as_ref().and_then(WeakShared::upgrade) {
                Some(flight) => flight,
                None => {
                    let flight = fly(Arc::clone(&self.slots), key.clone(), fetch);
                    slot.flight = flight.downgrade();
                    flight
                }
            };
            (flight, slot.held.clone())
        };
        match (flight.await, old) {
            (Err(failure), Some(held)) if failure.retryable() && (self.clock)() < held.expires_at => {
                tracing::debug!(code = failure.code.as_str(), "not renewed, the old one is used on");
                Ok(held)
            }
            (result, _) => result,
        }
    }

    /// What is at hand for `key`, also when it is about to end.
    pub(super) fn peek(&self, key: &K) -> Option<V> {
        lock(&self.slots).by_key.get(key)?.held.as_ref().map(|held| held.value.clone())
    }

    /// Forgets what is held of a generation, which the registry did not take. Does nothing when
    /// somebody else was faster, so that what was refused once is replaced once.
    pub(super) fn discard(&self, generation: u64) {
        for slot in lock(&self.slots).by_key.values_mut() {
            slot.held.take_if(|held| held.generation == generation);
        }
    }

    /// Whether what is held of a generation was asked for less than `age` ago: another would be no
    /// better.
    pub(super) fn is_younger(&self, generation: u64, age: Duration) -> bool {
        let now = (self.clock)();
        let young = |held: &Held<V>| held.generation == generation && now < held.since + age;
        lock(&self.slots).by_key.values().filter_map(|slot| slot.held.as_ref()).any(young)
    }
}

fn fly<K, V, F>(slots: Arc<Mutex<Slots<K, V>>>, key: K, fetch: F) -> Shared<Flight<V>>
where
    K: Ord + Clone + Send + 'static,
    V: Clone + Send + Sync + 'static,
    F: Future<Output = Fallible<Fresh<V>>> + Send + 'static,
{
    async move {
        let result = fetch.await;
        lock(&slots).settle(&key, result)
    }
    .boxed()
    .shared()
}

impl<K: Ord + Clone, V: Clone> Slots<K, V> {
    /// Notes how a fetch ended; runs once for each.
    fn settle(&mut self, key: &K, result: Fallible<Fresh<V>>) -> Fallible<Held<V>> {
        self.generation += 1;
        let generation = self.generation;
        let slot = self.by_key.entry(key.clone()).or_default();
        slot.flight = None;
        match result {
            Ok(Fresh { value, since, life }) => {
                let margin = MARGIN_MAX.min(life / 5);
                let (refresh_at, expires_at) = (since + (life - margin), since + life);
                let held = Held { value, generation, since, refresh_at, expires_at };
                slot.held = (!life.is_zero()).then(|| held.clone());
                Ok(held)
            }
            Err(failure) => {
                if failure.code.class() == Class::Denied {
                    slot.refused = Some(failure.clone());
                }
                Err(failure)
            }
        }
    }
}

impl<V> Default for Slot<V> {
    fn default() -> Self {
        Self { held: None, refused: None, flight: None }
    }
}

/// A poisoned lock is taken all the same: nothing in here stops half-way.
fn lock<K, V>(slots: &Mutex<Slots<K, V>>) -> MutexGuard<'_, Slots<K, V>> {
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod laws;
