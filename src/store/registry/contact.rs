//! Whether a host can be connected to. Decides when it is waited for, given up and looked for again; sends
//! nothing.

use super::answer::Asked;
use crate::failure::{Code, Failure, Fallible};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A host that answered before is given up after so many connections in a row that failed,
const FAILURES_MIN: u32 = 10;
/// over at least this time: restarts and failovers take less.
const AWAY_MIN: Duration = Duration::from_secs(60);
/// While it is away, one request looks for it at a time: at first after this, which doubles,
const LOOK_AFTER: Duration = Duration::from_millis(500);
/// but is never longer.
const LOOK_AFTER_MAX: Duration = Duration::from_secs(5);
/// A host that was given up is looked for this often, by one request: what comes back in a long run is
/// used again.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// What is known of a host's being there, by all requests to it together: each of a thousand tags alone
/// would wait for a host that is not there.
#[derive(Debug, Default)]
pub(super) struct Contact {
    state: Mutex<State>,
    /// It answered, after it was away.
    returned: Notify,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody was answered yet.
    #[default]
    Unknown,
    /// It answered.
    There,
    /// It answered before, and since then connections failed.
    Away { since: Instant, failures: u32, look_at: Instant },
    /// Nothing is asked of it but by whoever looks.
    GivenUp { why: String, look_at: Instant },
}

/// Whether a request may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Admission {
    /// It may.
    Go,
    /// It waits: somebody else looks before that moment.
    Wait(Instant),
    /// It may not; why.
    Refused(String),
}

impl Contact {
    /// Waits while the host is away; one request at a time goes on, and looks whether it is back.
    ///
    /// # Errors
    /// The host was given up.
    pub(super) async fn admit(&self, asked: &Asked) -> Fallible<()> {
        loop {
            let returned = self.returned.notified();
            let admission = self.lock().admission(Instant::now());
            match admission {
                Admission::Go => return Ok(()),
                Admission::Wait(until) => {
                    // Whichever comes first.
                    let _ = tokio::time::timeout_at(until, returned).await;
                }
                Admission::Refused(why) => {
                    return Err(asked.failure(Code::Network, why).hint(UNREACHABLE_HINT));
                }
            }
        }
    }

    /// Notes an answer of whatever kind.
    pub(super) fn answered(&self) {
        let before = std::mem::replace(&mut *self.lock(), State::There);
        if matches!(before, State::Away { .. } | State::GivenUp { .. }) {
            self.returned.notify_waiters();
        }
    }

    /// Notes that a connection failed, and why.
    pub(super) fn unconnected(&self, why: &str) {
        self.lock().unconnected(why, Instant::now());
    }

    /// Notes that a request was made as often as it is worth; gives a host up that never answered.
    pub(super) fn exhausted(&self, failure: &Failure) {
        let unanswered = failure.http.as_ref().is_some_and(|http| http.status.is_none());
        if unanswered {
            self.lock().exhausted(&failure.message, Instant::now());
        }
    }

    /// Whether nothing is asked of this host any more.
    pub(super) fn is_given_up(&self) -> bool {
        matches!(*self.lock(), State::GivenUp { .. })
    }

    /// Whether everybody waits for it: nobody's attempts are counted then.
    pub(super) fn is_away(&self) -> bool {
        matches!(*self.lock(), State::Away { .. })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admission(&mut self, now: Instant) -> Admission {
        match self {
            Self::Unknown | Self::There => Admission::Go,
            Self::Away { look_at, .. } if now < *look_at => Admission::Wait(*look_at),
            Self::Away { look_at, failures, .. } => {
                *look_at = now + pause(*failures);
                Admission::Go
            }
            Self::GivenUp { why, look_at } if now < *look_at => Admission::Refused(why.clone()),
            Self::GivenUp { look_at, .. } => {
                *look_at = now + LOOK_AGAIN_AFTER;
                Admission::Go
            }
        }
    }

    fn unconnected(&mut self, why: &str, now: Instant) {
        match self {
            Self::Unknown | Self::GivenUp { .. } => {}
            Self::There => *self = Self::Away { since: now, failures: 1, look_at: now + pause(1) },
            Self::Away { since, failures, look_at } => {
                *failures = failures.saturating_add(1);
                let gone = now.saturating_duration_since(*since);
                if *failures >= FAILURES_MIN && gone >= AWAY_MIN {
                    let why = format!("{why} (nothing could be connected to for {} s)", gone.as_secs());
                    *self = Self::GivenUp { why, look_at: now + LOOK_AGAIN_AFTER };
                } else {
                    *look_at = (*look_at).max(now + pause(*failures));
                }
            }
        }
    }

    fn exhausted(&mut self, why: &str, now: Instant) {
        if matches!(self, Self::Unknown) {
            let why = format!("{why} (not tried: the registry answered no request of this run)");
            *self = Self::GivenUp { why, look_at: now + LOOK_AGAIN_AFTER };
        }
    }
}

/// How long nobody looks for a host after so many failures.
fn pause(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    LOOK_AFTER.saturating_mul(1 << doublings).min(LOOK_AFTER_MAX)
}

/// What to do about a registry that is not reached.
pub(super) const UNREACHABLE_HINT: &str = "check the name and the port of the registry, that it runs, and whether this machine \
     needs a proxy for it (HTTPS_PROXY, NO_PROXY)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{HttpFacts, Operation};
    use reqwest::{Method, Url};
    use std::sync::Arc;

    const SECOND: Duration = Duration::from_secs(1);

    fn failure(status: Option<u16>) -> Box<Failure> {
        let mut failure =
            Failure::new(Code::Network, "r.test/a", Operation::ManifestHead, "no answer: refused");
        failure.http = Some(HttpFacts {
            method: "HEAD".into(),
            url: "https://r.test/".into(),
            status,
            registry_code: None,
        });
        failure
    }

    fn asked() -> Asked {
        let url = Url::parse("https://r.test/v2/a/manifests/1").expect("a URL");
        let (operation, method) = (Operation::ManifestHead, Method::HEAD);
        Asked { operation, repository: "r.test/a".into(), method, url, credential: None }
    }

    #[test]
    fn one_request_that_is_never_answered_speaks_for_all_where_none_was() {
        let contact = Contact::default();
        contact.exhausted(&failure(Some(500)));
        assert!(!contact.is_given_up(), "500 is an answer");
        contact.answered();
        contact.exhausted(&failure(None));
        assert!(!contact.is_given_up(), "it answered before");
        let contact = Contact::default();
        contact.unconnected("refused");
        assert!(!contact.is_away(), "nobody waits for who was never there");
        contact.exhausted(&failure(None));
        assert!(contact.is_given_up());
    }

    /// A host that answered and cannot be connected to from then on, by requests that each wait for their
    /// turn to look: when they looked, in milliseconds, and when it was given up.
    fn outage(until: Duration) -> (Vec<u128>, Option<u128>) {
        let start = Instant::now();
        let (mut state, mut now, mut looks) = (State::There, start, Vec::new());
        state.unconnected("refused", now);
        while now < start + until {
            match state.admission(now) {
                Admission::Go => {
                    looks.push((now - start).as_millis());
                    state.unconnected("refused", now);
                }
                Admission::Wait(then) => now = then,
                Admission::Refused(_) => return (looks, Some((now - start).as_millis())),
            }
        }
        (looks, None)
    }

    #[test]
    fn a_host_that_goes_away_is_looked_for_by_one_at_a_time_and_given_up_after_a_minute() {
        let (looks, given_up) = outage(300 * SECOND);
        assert_eq!(looks[..6], [500, 1500, 3500, 7500, 12500, 17500]);
        assert_eq!((looks.len(), given_up), (15, Some(62500)));
        assert_eq!(outage(50 * SECOND).1, None, "a restart takes less");
    }

    #[test]
    fn few_failures_are_no_proof_however_long_each_takes() {
        let (start, mut state) = (Instant::now(), State::There);
        for n in 0..FAILURES_MIN {
            assert!(!matches!(state, State::GivenUp { .. }), "after {n}");
            state.unconnected("timed out", start + n * 10 * SECOND);
        }
        assert!(matches!(state, State::GivenUp { .. }));
    }

    #[test]
    fn a_thousand_that_fail_in_one_moment_are_no_proof_either() {
        let (start, mut state) = (Instant::now(), State::There);
        (0..1000).for_each(|_| state.unconnected("refused", start));
        assert!(matches!(state, State::Away { .. }));
        assert_eq!(state.admission(start + 6 * SECOND), Admission::Go);
        assert!(matches!(state.admission(start + 6 * SECOND), Admission::Wait(_)), "one at a time");
    }

    #[test]
    fn who_was_given_up_is_looked_for_by_one_request_in_half_a_minute() {
        let (start, mut state) = (Instant::now(), State::Unknown);
        state.exhausted("refused", start);
        let mut looked = Vec::new();
        for second in 0..100 {
            if state.admission(start + second * SECOND) == Admission::Go {
                looked.push(second);
                state.unconnected("refused", start + second * SECOND);
            }
        }
        assert_eq!(looked, [30, 60, 90]);
    }

    #[tokio::test(start_paused = true)]
    async fn when_it_is_back_all_that_waited_go_on_at_once() {
        let contact = Arc::new(Contact::default());
        contact.answered();
        contact.unconnected("refused");
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let contact = Arc::clone(&contact);
                tokio::spawn(async move { contact.admit(&asked()).await.map(|()| Instant::now()) })
            })
            .collect();
        let start = Instant::now();
        // Whoever looks first needs a while.
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(waiting.iter().filter(|waiting| waiting.is_finished()).count(), 1);
        contact.answered();
        for waiting in waiting {
            let admitted = waiting.await.expect("no panic").expect("it is back");
            assert!(admitted - start < SECOND);
        }
        assert!(!contact.is_away());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_was_given_up_is_told_with_its_reason() {
        let contact = Contact::default();
        contact.exhausted(&failure(None));
        let told = contact.admit(&asked()).await.expect_err("it is given up");
        assert_eq!(told.code, Code::Network);
        assert!(told.message.contains("refused (not tried: the registry answered no request"), "{told}");
        assert_eq!(told.hint.as_deref(), Some(UNREACHABLE_HINT));
    }
}
