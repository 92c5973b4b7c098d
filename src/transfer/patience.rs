//! How often a blob is tried at one target. Decides only; never sleeps.

use crate::failure::Failure;
use crate::store::Outlook;
use crate::store::backoff::{BREAKS_MAX, Fruitless, wait_before_retry};
use std::time::Duration;

/// How often a blob was tried at one target, and how far that came.
#[derive(Debug, Default)]
pub(super) struct Patience {
    failures: u32,
    fruitless: Fruitless,
}

impl Patience {
    /// The number of the attempt that comes next, from 1.
    pub(super) fn attempt(&self) -> u32 {
        self.failures + 1
    }

    /// Notes a failure. How long to wait before the next attempt; none when it is not worth it.
    pub(super) fn failed(&mut self, failure: &Failure, outlook: Outlook, random: f64) -> Option<Duration> {
        self.failures += 1;
        if self.failures >= BREAKS_MAX {
            return None;
        }
        let kept_bytes = match outlook {
            Outlook::AtOnce => return Some(Duration::ZERO),
            Outlook::Later { kept_bytes } => kept_bytes,
        };
        wait_before_retry(self.fruitless.failed_at(kept_bytes), failure, random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Code, Operation};
    use crate::store::backoff::{self, PROGRESS_BYTES_MIN};

    fn attempts(code: Code, outlook: impl Fn(u32) -> Outlook) -> u32 {
        let failure = Failure::new(code, "r.test/a", Operation::BlobPut, "");
        let mut patience = Patience::default();
        while patience.failed(&failure, outlook(patience.attempt()), 0.5).is_some() {}
        patience.attempt() - 1
    }

    #[test]
    fn progress_makes_the_count_begin_again_and_twenty_is_the_end() {
        let kept = |kept_bytes| Outlook::Later { kept_bytes };
        assert_eq!(attempts(Code::Network, |_| kept(0)), backoff::ATTEMPTS_MAX);
        assert_eq!(attempts(Code::Network, |n| kept(u64::from(n) * PROGRESS_BYTES_MIN)), BREAKS_MAX);
        // Too little each time, and once enough.
        let slow = |n| kept(u64::from(n) * PROGRESS_BYTES_MIN / 100);
        assert_eq!(attempts(Code::Network, slow), backoff::ATTEMPTS_MAX);
        let once = |n| kept(if n < 4 { 0 } else { PROGRESS_BYTES_MIN });
        assert_eq!(attempts(Code::Network, once), 3 + backoff::ATTEMPTS_MAX);
        // A session that is lost again and again makes no progress, however far each came.
        let lost = |n| kept(if n % 2 == 0 { 50 * PROGRESS_BYTES_MIN } else { 0 });
        assert_eq!(attempts(Code::Network, lost), 1 + backoff::ATTEMPTS_MAX);
    }

    #[test]
    fn patience_ends_whatever_comes_of_each_attempt() {
        use proptest::prelude::*;
        let outlook = prop_oneof![
            Just(Outlook::AtOnce),
            (0..3 * PROGRESS_BYTES_MIN).prop_map(|kept_bytes| Outlook::Later { kept_bytes }),
            any::<u64>().prop_map(|kept_bytes| Outlook::Later { kept_bytes }),
        ];
        let codes = [Code::Network, Code::Throttled, Code::ServerError, Code::Denied, Code::Corrupt];
        let one = (outlook, proptest::sample::select(codes.to_vec()));
        crate::laws::hold(proptest::collection::vec(one, 1..60), |row| {
            let mut patience = Patience::default();
            let mut attempts = 0;
            for (outlook, code) in row.iter().cycle() {
                attempts += 1;
                prop_assert!(attempts <= BREAKS_MAX, "{attempts}");
                prop_assert_eq!(patience.attempt(), attempts);
                let failure = Failure::new(*code, "r.test/a", Operation::BlobPut, "");
                let Some(wait) = patience.failed(&failure, *outlook, 1.0) else { break };
                prop_assert!(wait <= Duration::from_secs(30));
                prop_assert!(failure.retryable() || *outlook == Outlook::AtOnce);
            }
            Ok(())
        });
    }

    #[test]
    fn what_was_cleared_is_tried_at_once_and_not_for_ever() {
        assert_eq!(attempts(Code::Protocol, |_| Outlook::AtOnce), BREAKS_MAX);
        assert_eq!(attempts(Code::Protocol, |_| Outlook::Later { kept_bytes: 0 }), 1);
        let failure = Failure::new(Code::Protocol, "r.test/a", Operation::BlobPut, "");
        let wait = Patience::default().failed(&failure, Outlook::AtOnce, 1.0);
        assert_eq!(wait, Some(Duration::ZERO));
    }
}
