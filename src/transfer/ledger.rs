//! The ledger: per target store, which content is in which repository, and who is bringing it.
//! The one piece of state that copies share. Knows nothing of stores; never waits with its lock held.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use crate::oci::Repository;

/// What is known of content, by a key that says which content in which store.
///
/// Claims are taken by several targets at once, under one lock, and whoever holds claims settles or
/// drops them before it waits for others': so nobody waits in a circle.
#[derive(Debug)]
pub(super) struct Ledger<K> {
    lines: Arc<Mutex<HashMap<K, Line>>>,
}

#[derive(Debug, Default)]
struct Line {
    held_by: BTreeSet<Repository>,
    /// Repositories that show the content and do not have it.
    doubted_by: BTreeSet<Repository>,
    awaited_by: BTreeSet<Repository>,
    change: Arc<Notify>,
}

/// What a repository that needs content has to do.
pub(super) enum Claim<K: Eq + Hash> {
    /// Nothing: it holds the content already.
    Held,
    /// Bring it; `elsewhere` is another repository of the store that holds it.
    Yours {
        /// To be settled when the content is there.
        promise: Promise<K>,
        /// How it is to be brought.
        way: Way,
    },
    /// Wait until somebody else is done, and claim again.
    Wait(OwnedNotified),
}

/// How content is to be brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// However it costs least.
    Any {
        /// Where it can be mounted from.
        elsewhere: Option<Repository>,
    },
    /// By its bytes: the repository has shown it, and did not have it.
    Bytes,
}

/// The duty to bring content. Dropped unsettled, it goes to whoever claims next.
pub(super) struct Promise<K: Eq + Hash> {
    lines: Arc<Mutex<HashMap<K, Line>>>,
    key: K,
    repository: Repository,
    followers: Followers,
}

/// Those that wait for content which somebody brings.
#[derive(Debug, Clone)]
pub(super) struct Followers(Weak<Notify>);

impl<K: Eq + Hash + Clone> Ledger<K> {
    pub(super) fn new() -> Self {
        Self { lines: Arc::default() }
    }

    /// Claims content for several repositories at once, in their order.
    pub(super) fn claim(&self, wanted: impl IntoIterator<Item = (K, Repository)>) -> Vec<Claim<K>> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut claim = |(key, repository): (K, Repository)| {
            let line = lines.entry(key.clone()).or_default();
            let first_to_bring = line.held_by.is_empty() && !line.awaited_by.is_empty();
            if line.held_by.contains(&repository) {
                return Claim::Held;
            }
            if first_to_bring || line.awaited_by.contains(&repository) {
                return Claim::Wait(line.change.clone().notified_owned());
            }
            line.awaited_by.insert(repository.clone());
            let way = match line.doubted_by.contains(&repository) {
                true => Way::Bytes,
                false => Way::Any { elsewhere: line.held_by.first().cloned() },
            };
            let followers = Followers(Arc::downgrade(&line.change));
            Claim::Yours { promise: Promise { lines: self.lines.clone(), key, repository, followers }, way }
        };
        wanted.into_iter().map(&mut claim).collect()
    }

    /// Forgets that a repository holds content: whoever claims it next brings it again.
    pub(super) fn forget(&self, key: &K, repository: &Repository) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get_mut(key) {
            line.held_by.remove(repository);
        }
    }

    /// The same, and whoever claims it next brings it by its bytes, whatever the repository says.
    pub(super) fn doubt(&self, key: K, repository: &Repository) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(key).or_default();
        line.held_by.remove(repository);
        line.doubted_by.insert(repository.clone());
    }

    /// Notes that a repository holds content, which somebody has looked at.
    pub(super) fn note(&self, key: K, repository: &Repository) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(key).or_default().held_by.insert(repository.clone());
    }
}

impl Followers {
    /// How many they are now.
    pub(super) fn count(&self) -> usize {
        // The line holds the notice, and each that waits for it.
        self.0.strong_count().saturating_sub(1)
    }
}

impl<K: Eq + Hash> Promise<K> {
    /// Those that wait for this content in this store.
    pub(super) fn followers(&self) -> Followers {
        self.followers.clone()
    }

    /// Says that the content is there, and wakes whoever waits for it.
    pub(super) fn settle(self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get_mut(&self.key) {
            line.held_by.insert(self.repository.clone());
            line.doubted_by.remove(&self.repository);
        }
        // Dropping `self` does the rest.
    }
}

impl<K: Eq + Hash> Drop for Promise<K> {
    fn drop(&mut self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get_mut(&self.key) {
            line.awaited_by.remove(&self.repository);
            line.change.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(name: &str) -> Repository {
        format!("r.test/{name}").parse().expect("a repository")
    }

    fn claim(ledger: &Ledger<u8>, name: &str) -> Claim<u8> {
        ledger.claim([(1, repository(name))]).remove(0)
    }

    #[test]
    fn the_first_brings_it_and_later_ones_mount_from_there() {
        let ledger = Ledger::new();
        let Claim::Yours { promise, way: Way::Any { elsewhere: None } } = claim(&ledger, "a") else {
            panic!("a brings it")
        };
        assert!(matches!(claim(&ledger, "a"), Claim::Wait(_)), "the same repository waits");
        assert!(matches!(claim(&ledger, "b"), Claim::Wait(_)), "and so does another one");
        promise.settle();
        assert!(matches!(claim(&ledger, "a"), Claim::Held));
        let Claim::Yours { way, .. } = claim(&ledger, "b") else { panic!("b mounts it") };
        assert_eq!(way, Way::Any { elsewhere: Some(repository("a")) });
    }

    #[tokio::test]
    async fn a_promise_that_is_not_kept_goes_to_the_next() {
        let ledger = Ledger::new();
        let Claim::Yours { promise, .. } = claim(&ledger, "a") else { panic!("a brings it") };
        assert_eq!(promise.followers().count(), 0);
        let Claim::Wait(change) = claim(&ledger, "b") else { panic!("b waits") };
        assert_eq!(promise.followers().count(), 1);
        drop(promise);
        change.await;
        assert!(matches!(claim(&ledger, "b"), Claim::Yours { way: Way::Any { elsewhere: None }, .. }));
    }

    #[test]
    fn what_a_repository_only_shows_is_brought_by_its_bytes_and_mounted_from_nowhere_else() {
        let ledger = Ledger::new();
        let Claim::Yours { promise, .. } = claim(&ledger, "a") else { panic!("a brings it") };
        promise.settle();
        ledger.doubt(1, &repository("a"));
        let Claim::Yours { way, promise } = claim(&ledger, "b") else { panic!("b brings it itself") };
        assert_eq!(way, Way::Any { elsewhere: None }, "not from who does not have it");
        drop(promise);
        let Claim::Yours { way, promise } = claim(&ledger, "a") else { panic!("a brings it again") };
        assert_eq!(way, Way::Bytes);
        drop(promise);
        let Claim::Yours { way, promise } = claim(&ledger, "a") else { panic!("as long as it is not there") };
        assert_eq!(way, Way::Bytes);
        promise.settle();
        assert!(matches!(claim(&ledger, "a"), Claim::Held));
        ledger.forget(&1, &repository("a"));
        assert!(matches!(claim(&ledger, "a"), Claim::Yours { way: Way::Any { .. }, .. }));
    }
}
