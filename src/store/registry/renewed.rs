//! The tokens of one authority: each asked for once, however many wait for it. Knows no protocol.

use super::{Clock, Scopes};
use crate::failure::{Code, Failure, Fallible};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use reqwest::header::HeaderValue;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a token is good for, and who gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TokenKey {
    pub(super) realm: String,
    pub(super) service: Option<String>,
    pub(super) scopes: Scopes,
}

/// A token as it came from its server.
pub(super) struct Fresh {
    /// The header value that carries it.
    pub(super) header: HeaderValue,
    /// When it was asked for: its life is counted from here, not from when the answer came.
    pub(super) since: Instant,
    /// How long it may be used; zero means by those who wait for it and nobody else.
    pub(super) life: Duration,
}

/// A token in use.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) header: HeaderValue,
    pub(super) generation: u64,
    refresh_at: Instant,
    expires_at: Instant,
}

/// All tokens of one authority.
pub(super) struct Tokens {
    slots: Arc<Mutex<Slots>>,
    clock: Clock,
}

#[derive(Default)]
struct Slots {
    by_key: BTreeMap<TokenKey, Slot>,
    generation: u64,
}

#[derive(Default)]
struct Slot {
    token: Option<Token>,
    /// The server's last word: it is not asked for this again.
    refused: Option<Box<Failure>>,
    /// Weak, so that a request nobody waits for any more is dropped with its last waiter.
    flight: Option<WeakShared<Flight>>,
}

type Flight = BoxFuture<'static, Fallible<Token>>;

/// A token is replaced this long before its end, or a fifth of its life if that is shorter.
const MARGIN_MAX: Duration = Duration::from_secs(30);

impl Tokens {
    pub(super) fn new(clock: Clock) -> Self {
        Self { slots: Arc::default(), clock }
    }

    /// The token for `key`: the one at hand, or the one that is being fetched, or what `fetch`
    /// gives. A failure reaches everyone who waited for that fetch; who comes later fetches anew,
    /// unless the server refused, which is final for the run.
    ///
    /// While a fetch fails in a way that may pass, a token that has not quite expired is used on.
    pub(super) async fn get<F>(&self, key: &TokenKey, fetch: F) -> Fallible<Token>
    where
        F: Future<Output = Fallible<Fresh>> + Send + 'static,
    {
        let now = (self.clock)();
        let (flight, old) = {
            let mut slots = lock(&self.slots);
            let slot = slots.by_key.entry(key.clone()).or_default();
            match (&slot.token, &slot.refused) {
                (Some(token), _) if now < token.refresh_at => return Ok(token.clone()),
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
            (flight, slot.token.clone())
        };
        match (flight.await, old) {
            (Err(failure), Some(token)) if failure.retryable() && (self.clock)() < token.expires_at => {
                tracing::debug!(code = failure.code.as_str(), "token not renewed, the old one is used on");
                Ok(token)
            }
            (result, _) => result,
        }
    }

    /// Forgets the token of a generation, which the registry did not take. Does nothing when
    /// somebody else was faster, so that one refused token is replaced once.
    pub(super) fn discard(&self, generation: u64) {
        for slot in lock(&self.slots).by_key.values_mut() {
            slot.token.take_if(|token| token.generation == generation);
        }
    }
}

fn fly<F>(slots: Arc<Mutex<Slots>>, key: TokenKey, fetch: F) -> Shared<Flight>
where
    F: Future<Output = Fallible<Fresh>> + Send + 'static,
{
    async move {
        let result = fetch.await;
        lock(&slots).settle(&key, result)
    }
    .boxed()
    .shared()
}

impl Slots {
    /// Notes how a fetch ended; runs once for each.
    fn settle(&mut self, key: &TokenKey, result: Fallible<Fresh>) -> Fallible<Token> {
        self.generation += 1;
        let generation = self.generation;
        let slot = self.by_key.entry(key.clone()).or_default();
        slot.flight = None;
        match result {
            Ok(Fresh { header, since, life }) => {
                let margin = MARGIN_MAX.min(life / 5);
                let (refresh_at, expires_at) = (since + (life - margin), since + life);
                let token = Token { header, generation, refresh_at, expires_at };
                slot.token = (!life.is_zero()).then(|| token.clone());
                Ok(token)
            }
            Err(failure) => {
                if matches!(failure.code, Code::Unauthenticated | Code::Denied) {
                    slot.refused = Some(failure.clone());
                }
                Err(failure)
            }
        }
    }
}

/// A poisoned lock is taken all the same: nothing in here stops half-way.
fn lock(slots: &Mutex<Slots>) -> MutexGuard<'_, Slots> {
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}
