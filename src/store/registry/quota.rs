//! A quota: what a registry gives away in hours, and when a run stops asking for it. Decides only.

use super::answer::Asked;
use super::profile;
use super::throttle::Announced;
use crate::failure::{Code, Fallible, Operation};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The quota of one account: GETs of manifests, which is what those count that have one.
#[derive(Debug)]
pub(super) struct Quota {
    /// GETs that are left for others.
    pub(super) reserve: u64,
    /// Whether the registry is known to have one, before it said so.
    known: bool,
    count: Mutex<Count>,
    /// An answer came, and what waits for it may look again.
    answered: Notify,
}

#[derive(Debug, Default)]
struct Count {
    /// What the registry last said; none while it said nothing.
    remaining: Option<u64>,
    /// Whether any answer came.
    asked: bool,
    /// GETs under way, which the registry may not have counted.
    out: u64,
    /// GETs that were made.
    spent: u64,
    /// It refused one.
    refused: bool,
}

/// One GET of a manifest under way.
#[derive(Debug)]
pub(super) struct Spending<'a>(&'a Quota);

/// Whether another GET may be made.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Spend,
    /// What is left may be under way already.
    Wait,
    Stop(String),
}

impl Quota {
    pub(super) fn new(reserve: u64, kind: profile::Quota) -> Self {
        let known = kind == profile::Quota::ManifestGets;
        Self { reserve, known, count: Mutex::default(), answered: Notify::new() }
    }

    /// Waits until it is known whether another GET may be made, and counts it.
    ///
    /// # Errors
    /// It may not: what is left is the reserve, or nothing.
    pub(super) async fn spend(&self, asked: &Asked) -> Fallible<Option<Spending<'_>>> {
        if asked.operation != Operation::ManifestGet {
            return Ok(None);
        }
        loop {
            let answered = self.answered.notified();
            let verdict = {
                let mut count = self.lock();
                let verdict = self.verdict(&count);
                count.out += u64::from(verdict == Verdict::Spend);
                count.spent += u64::from(verdict == Verdict::Spend);
                verdict
            };
            match verdict {
                Verdict::Spend => return Ok(Some(Spending(self))),
                Verdict::Wait => answered.await,
                Verdict::Stop(why) => return Err(asked.failure(Code::Quota, why).hint(HINT)),
            }
        }
    }

    /// Notes an answer of the registry, of the GET that `spending` is about or of anything else, and what
    /// it announced.
    pub(super) fn answered(&self, spending: Option<Spending<'_>>, announced: Option<Announced>) {
        let mut count = self.lock();
        count.asked = true;
        if let Some(Announced { remaining, .. }) = announced.filter(Announced::is_quota) {
            // Answers overtake each other: while others are under way, the lowest is the newest. One that was
            // asked before others that are over tells no more than what is left and all that were made.
            let others = count.out > u64::from(spending.is_some());
            let spent = count.spent;
            let last = count.remaining.filter(|last| others || remaining <= last.saturating_add(spent));
            count.remaining = Some(last.map_or(remaining, |last| last.min(remaining)));
        }
        drop(count);
        self.answered.notify_waiters();
    }

    /// Notes that the registry gives no more in this run.
    pub(super) fn used_up(&self) {
        self.lock().refused = true;
        self.answered.notify_waiters();
    }

    fn verdict(&self, count: &Count) -> Verdict {
        match count.remaining {
            _ if count.refused => Verdict::Stop("the registry's quota is used up".to_owned()),
            Some(left) if left <= self.reserve => Verdict::Stop(match self.reserve {
                0 => "nothing is left of the registry's quota".to_owned(),
                reserve => format!("{left} are left of the registry's quota, and {reserve} are for others"),
            }),
            Some(left) if left - self.reserve <= count.out => Verdict::Wait,
            // The first one tells.
            None if self.known && !count.asked && count.out > 0 => Verdict::Wait,
            Some(_) | None => Verdict::Spend,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What can be done about a quota.
pub(super) const HINT: &str = "run again when the registry gives more, to go on: what was copied is kept; \
     logging in may raise the quota";

impl Drop for Spending<'_> {
    fn drop(&mut self) {
        self.0.lock().out -= 1;
        self.0.answered.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use reqwest::{Method, Url};
    use std::time::Duration;

    const HOURS: Duration = Duration::from_secs(21_600);

    fn asked(operation: Operation) -> Asked {
        let url = Url::parse("https://r.test/v2/a/manifests/1").expect("a URL");
        Asked { operation, repository: "r.test/a".into(), method: Method::GET, url, credential: None }
    }

    fn left(remaining: u64) -> Option<Announced> {
        Some(Announced { limit: Some(100), remaining, window: Some(HOURS), reset: None })
    }

    /// Makes GETs until none is let through; returns them, and why the next is not.
    fn spend_all(quota: &Quota) -> (Vec<Spending<'_>>, Option<Code>) {
        let mut out = Vec::new();
        loop {
            match quota.spend(&asked(Operation::ManifestGet)).now_or_never() {
                Some(Ok(spending)) => out.extend(spending),
                Some(Err(failure)) => return (out, Some(failure.code)),
                None => return (out, None),
            }
            assert!(out.len() < 1000, "there is no end");
        }
    }

    #[test]
    fn gets_stop_at_the_reserve_and_what_is_under_way_counts() {
        let quota = Quota::new(3, profile::Quota::ManifestGets);
        let (mut first, waiting) = spend_all(&quota);
        assert_eq!((first.len(), waiting), (1, None), "the first one tells");
        quota.answered(first.pop(), left(8));
        let (out, waiting) = spend_all(&quota);
        assert_eq!((out.len(), waiting), (5, None), "what is out may be all that is left");
        for (number, spending) in out.into_iter().enumerate() {
            quota.answered(Some(spending), left(7 - number as u64));
        }
        let (out, stopped) = spend_all(&quota);
        assert_eq!((out.len(), stopped), (0, Some(Code::Quota)));
    }

    #[test]
    fn heads_and_blobs_go_on() {
        let quota = Quota::new(0, profile::Quota::None);
        quota.answered(None, left(0));
        for operation in [Operation::ManifestHead, Operation::BlobGet, Operation::ManifestPut] {
            let spent = quota.spend(&asked(operation)).now_or_never();
            assert!(matches!(spent, Some(Ok(None))), "{operation:?}");
        }
        assert_eq!(spend_all(&quota).1, Some(Code::Quota));
    }

    #[test]
    fn what_is_about_a_minute_and_a_registry_that_says_nothing_stop_nobody() {
        let minute =
            Announced { limit: None, remaining: 0, window: Some(Duration::from_secs(60)), reset: None };
        for announced in [None, Some(minute)] {
            let quota = Quota::new(10, profile::Quota::ManifestGets);
            quota.answered(None, announced);
            let two = [(); 2].map(|()| quota.spend(&asked(Operation::ManifestGet)).now_or_never());
            assert!(two.iter().all(|spent| matches!(spent, Some(Ok(Some(_))))));
        }
    }

    #[test]
    fn a_registry_that_refuses_for_its_quota_is_not_asked_again() {
        let quota = Quota::new(0, profile::Quota::None);
        quota.answered(None, left(50));
        quota.used_up();
        assert_eq!(spend_all(&quota).1, Some(Code::Quota));
    }

    #[test]
    fn the_last_answer_is_not_the_newest() {
        let quota = Quota::new(0, profile::Quota::None);
        quota.answered(None, left(2));
        let (mut out, _) = spend_all(&quota);
        quota.answered(out.pop(), left(0));
        quota.answered(out.pop(), left(1));
        assert_eq!(spend_all(&quota).1, Some(Code::Quota), "both are spent");
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_give_back_what_is_spent() {
        let quota = Quota::new(0, profile::Quota::None);
        quota.answered(None, left(3));
        let (mut out, _) = spend_all(&quota);
        quota.answered(out.pop(), left(0));
        quota.answered(out.pop(), left(2));
        assert_eq!(spend_all(&quota).1, Some(Code::Quota));
        drop(out);
        quota.answered(None, left(3));
        assert_eq!(spend_all(&quota).1, Some(Code::Quota), "a HEAD that was asked before the GETs");
        quota.answered(None, left(100));
        assert_eq!(spend_all(&quota).0.len(), 100, "a new window");
    }
}
