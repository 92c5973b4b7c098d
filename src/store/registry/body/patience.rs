//! How often the rest of a blob is asked for, and after how long. Decides only; never waits and never
//! asks.

use crate::failure::Failure;
use crate::store::backoff::{BREAKS_MAX, Fruitless, wait_before_retry};
use std::time::Duration;

/// Most attempts in a row without progress.
const ATTEMPTS_WITHOUT_PROGRESS_MAX: u32 = 5;
/// Longest time from a break to the next byte: an upload waits meanwhile, and many servers close one
/// that sends nothing for a minute. What takes longer is begun again by whoever reads.
pub(super) const GAP_SECONDS_MAX: u64 = 30;
/// How often a blob is read from its start although its rest was asked for: by servers that do not
/// know ranges, a blob that breaks often would be fetched many times over.
const REREADS_MAX: u32 = 2;

/// Why the rest of a blob is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was, as often as it is worth.
    Exhausted,
    /// This stream cannot wait for it; another may.
    Here,
}

/// What was tried for one blob.
#[derive(Debug)]
pub(super) struct Patience {
    fruitless: Fruitless,
    attempts: u32,
    rereads: u32,
}

impl Patience {
    /// For a blob that is read from `start` on.
    pub(super) fn new(start: u64) -> Self {
        Self { fruitless: Fruitless::from(start), attempts: 0, rereads: 0 }
    }

    /// Notes that an attempt ended at the byte `at`, which is not the end. How many have ended without
    /// progress by now, and how long to wait before the next. `random` is in 0..=1.
    ///
    /// # Errors
    /// There is to be no other; why.
    pub(super) fn wait(&mut self, at: u64, failure: &Failure, random: f64) -> Result<(u32, Duration), End> {
        let attempt = self.again(at).ok_or(match self.attempts {
            // It comes, and breaks again and again: from its start it may come in one piece.
            0..=BREAKS_MAX => End::Exhausted,
            _ => End::Here,
        })?;
        let wait = wait_before_retry(attempt, failure, random).ok_or(End::Here)?;
        if wait.as_secs() < GAP_SECONDS_MAX { Ok((attempt, wait)) } else { Err(End::Here) }
    }

    fn again(&mut self, at: u64) -> Option<u32> {
        let fruitless = self.fruitless.failed_at(at);
        self.attempts += 1;
        let worth_it = fruitless <= ATTEMPTS_WITHOUT_PROGRESS_MAX && self.attempts <= BREAKS_MAX;
        worth_it.then_some(fruitless)
    }

    /// Notes that the whole blob comes although its rest was asked for; whether it is read.
    pub(super) fn rereads(&mut self) -> bool {
        self.rereads += 1;
        self.rereads <= REREADS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Code, Operation};
    use crate::store::backoff::PROGRESS_BYTES_MIN;

    #[test]
    fn only_a_pause_that_an_upload_outlives_is_waited_for() {
        let mut failure = Failure::new(Code::Throttled, "r", Operation::BlobGet, "");
        for (asked, waited) in [(None, Ok(500)), (Some(29), Ok(29_000)), (Some(30), Err(End::Here))] {
            failure.retry_after = asked.map(Duration::from_secs);
            let found = Patience::new(0).wait(0, &failure, 1.0);
            assert_eq!(found, waited.map(|ms| (1, Duration::from_millis(ms))));
        }
        let denied = Failure::new(Code::Denied, "r", Operation::BlobGet, "");
        assert_eq!(Patience::new(0).wait(0, &denied, 0.0), Err(End::Here));
        let broken = Failure::new(Code::Network, "r", Operation::BlobGet, "");
        let mut patience = Patience::new(0);
        let waits: Vec<_> =
            (0..7).map(|_| patience.wait(0, &broken, 0.0).map(|(attempt, _)| attempt)).collect();
        let ends = [Err(End::Exhausted); 2];
        assert_eq!(waits, [[1, 2, 3, 4, 5].map(Ok).as_slice(), &ends].concat());
    }

    #[test]
    fn attempts_without_progress_end_and_progress_begins_anew() {
        let mut patience = Patience::new(0);
        // Little by little is progress as well.
        let quarter = PROGRESS_BYTES_MIN / 4;
        let counted: Vec<_> = (1..=8).map(|n| patience.again(n * quarter)).collect();
        assert_eq!(counted, [1, 2, 3, 1, 2, 3, 4, 1].map(Some));
        let stuck: Vec<_> = (0..5).map(|_| patience.again(8 * quarter)).collect();
        assert_eq!(stuck, [Some(2), Some(3), Some(4), Some(5), None]);
    }

    #[test]
    fn no_blob_is_asked_for_more_than_so_often() {
        let mut patience = Patience::new(0);
        for n in 1..=u64::from(BREAKS_MAX) {
            assert_eq!(patience.again(n * PROGRESS_BYTES_MIN), Some(1));
        }
        assert_eq!(patience.again(100 * PROGRESS_BYTES_MIN), None);
    }

    #[test]
    fn a_whole_blob_instead_of_its_rest_is_read_twice_and_no_more() {
        let mut patience = Patience::new(0);
        assert_eq!([(); 3].map(|()| patience.rereads()), [true, true, false]);
    }
}
