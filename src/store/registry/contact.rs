//! Whether a registry was ever reached in this run. Decides when it is given up; sends nothing.

use super::answer::Asked;
use crate::failure::{Code, Failure, Fallible};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is known of a registry's being there.
///
/// One request that was made as often as it is worth, while no request got an answer, speaks for
/// all: without that, each of a thousand tags would wait for a host that is not there.
#[derive(Debug, Default)]
pub(super) struct Contact {
    answered: AtomicBool,
    /// Why it was given up.
    given_up: OnceLock<String>,
}

impl Contact {
    /// Notes an answer of whatever kind. A registry that answered once is not given up any more.
    pub(super) fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Notes that a request was given up; gives the registry up when it never answered.
    pub(super) fn give_up(&self, failure: &Failure) {
        let unanswered = failure.http.as_ref().is_some_and(|http| http.status.is_none());
        if unanswered && !self.answered.load(Ordering::Relaxed) {
            // The first reason is as good as any other.
            let _ = self.given_up.set(failure.message.clone());
        }
    }

    /// Whether nothing is asked of this registry any more.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.get().is_some()
    }

    /// # Errors
    /// The registry was given up.
    pub(super) fn check(&self, asked: &Asked) -> Fallible<()> {
        match self.given_up.get() {
            None => Ok(()),
            Some(why) => {
                let message = format!("{why} (not tried: the registry answered no request of this run)");
                Err(asked.failure(Code::Network, message).hint(UNREACHABLE_HINT))
            }
        }
    }
}

/// What to do about a registry that is not reached.
pub(super) const UNREACHABLE_HINT: &str = "check the name and the port of the registry, that it runs, and whether this machine \
     needs a proxy for it (HTTPS_PROXY, NO_PROXY)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{HttpFacts, Operation};

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

    #[test]
    fn only_a_registry_that_never_answered_is_given_up() {
        let contact = Contact::default();
        contact.give_up(&failure(Some(500)));
        assert!(!contact.is_given_up(), "500 is an answer");
        contact.answered();
        contact.give_up(&failure(None));
        assert!(!contact.is_given_up(), "it answered before");
        let contact = Contact::default();
        contact.give_up(&failure(None));
        assert!(contact.is_given_up());
    }
}
