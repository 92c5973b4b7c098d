//! How slow a body may be, in either direction: a server that sends or takes a byte now and then is as good
//! as one that is not there.

use std::time::Duration;

/// Over this time,
const SPAN: Duration = Duration::from_secs(120);
/// so many bytes a second must pass on average. A hundredth of a slow line: what is below is no line
/// but a server in trouble.
const BYTES_PER_SECOND_MIN: u64 = 8 * 1024;

/// What passed of one body, while it was waited for. Time that we or others take does not count.
#[derive(Debug, Default)]
pub(super) struct Floor {
    waited: Duration,
    bytes: u64,
}

/// The body is too slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooSlow;

impl Floor {
    /// Notes that `bytes` passed, after they were waited for.
    pub(super) fn passed(&mut self, bytes: usize, waited: Duration) -> Result<(), TooSlow> {
        self.waited += waited;
        self.bytes += bytes as u64;
        if self.waited < SPAN {
            return Ok(());
        }
        let enough = self.bytes >= BYTES_PER_SECOND_MIN * self.waited.as_secs();
        *self = Self::default();
        if enough { Ok(()) } else { Err(TooSlow) }
    }
}

impl std::fmt::Display for TooSlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (bytes, seconds) = (BYTES_PER_SECOND_MIN, SPAN.as_secs());
        write!(f, "with less than {bytes} bytes a second for {seconds} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many pieces of `bytes`, a second each, a body is given up.
    fn given_up_after(bytes: usize) -> Option<u32> {
        let mut floor = Floor::default();
        (1..=1000).find(|_| floor.passed(bytes, Duration::from_secs(1)).is_err())
    }

    #[test]
    fn a_body_that_only_drips_is_given_up_and_a_slow_one_is_not() {
        assert_eq!(given_up_after(1), Some(120));
        assert_eq!(given_up_after(8 * 1024 - 1), Some(120));
        assert_eq!(given_up_after(8 * 1024), None);
    }

    #[test]
    fn what_came_fast_before_does_not_excuse_what_drips_now() {
        let mut floor = Floor::default();
        assert_eq!(floor.passed(100 << 20, SPAN), Ok(()));
        assert_eq!(floor.passed(1, SPAN), Err(TooSlow));
    }

    #[test]
    fn time_that_nobody_waits_for_the_source_is_not_held_against_it() {
        let mut floor = Floor::default();
        for _ in 0..100_000 {
            assert_eq!(floor.passed(1, Duration::ZERO), Ok(()));
        }
    }
}
