//! What is tried again, how often, and after how long. Decides only; never sleeps.

use crate::failure::{Class, Code, Failure};
use std::time::Duration;

/// Most attempts for one request, and for one blob.
pub const ATTEMPTS_MAX: u32 = 6;
/// First ceiling of the random wait; it doubles with each attempt.
const BASE_MS: u64 = 500;
/// Last ceiling of the random wait.
const CEILING_MS_MAX: u64 = 30_000;
/// Longest pause that a registry may ask for; one that asks for more is not waited for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(600);

/// So many bytes are progress: failures before them do not count any more.
pub const PROGRESS_BYTES_MIN: u64 = 1 << 20;
/// Most failures for one blob that goes on where it broke, whatever comes in between.
pub const BREAKS_MAX: u32 = 20;

/// Failures of something that goes on where it broke, since it last made progress.
#[derive(Debug, Default)]
pub struct Fruitless {
    since_bytes: u64,
    failures: u32,
}

impl Fruitless {
    /// For something that begins at the byte `start`.
    pub fn from(start: u64) -> Self {
        Self { since_bytes: start, failures: 0 }
    }

    /// Notes a failure at the byte `at`; how many there were without progress, this one included.
    pub fn failed_at(&mut self, at: u64) -> u32 {
        if at.saturating_sub(self.since_bytes) >= PROGRESS_BYTES_MIN {
            *self = Self::from(at);
        }
        self.failures += 1;
        self.failures
    }
}

/// How often a request is made that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tries {
    /// No more: it would be answered the same.
    Once,
    /// Once more: of several servers behind one name, one may have erred.
    Twice,
    /// [`ATTEMPTS_MAX`] times: it may pass.
    Often,
}

impl Tries {
    /// What a failure is worth. A certificate that is not accepted is not accepted the next time.
    pub fn of(failure: &Failure) -> Self {
        let is_last_word = |status| (500..=599).contains(&status) && !is_passing(status);
        let status = failure.http.as_ref().and_then(|http| http.status);
        match (failure.code, failure.code.class()) {
            // Name servers err, but they do so for a moment and not for a minute.
            (Code::UnknownHost, _) => Self::Twice,
            (_, Class::Transient) if status.is_some_and(is_last_word) => Self::Twice,
            (_, Class::Transient) => Self::Often,
            // 501, and an error of the server with the code of something that never works.
            (Code::Protocol, _) if status.is_some_and(|status| status >= 500) => Self::Twice,
            _ => Self::Once,
        }
    }

    fn attempts_max(self) -> u32 {
        match self {
            Self::Once => 1,
            Self::Twice => 2,
            Self::Often => ATTEMPTS_MAX,
        }
    }
}

/// Whether a status says that the server cannot answer now, and may in a moment. 499 is what proxies
/// answer whose client went away, 520 to 524 what Cloudflare answers for a server behind it that is not
/// well.
pub fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 499 | 500 | 502..=504 | 520..=524)
}

/// How long to wait before attempt `attempt` + 1, or none when it is not worth it.
///
/// `random` is in 0..=1: full jitter, so that many clients do not come back at once.
pub fn wait_before_retry(attempt: u32, failure: &Failure, random: f64) -> Option<Duration> {
    if attempt >= Tries::of(failure).attempts_max() {
        return None;
    }
    match failure.retry_after {
        Some(asked) if asked > RETRY_AFTER_MAX => None,
        Some(asked) => Some(asked),
        None => {
            let ceiling_ms = (BASE_MS << attempt.saturating_sub(1).min(16)).min(CEILING_MS_MAX);
            Some(Duration::from_millis((ceiling_ms as f64 * random) as u64))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{HttpFacts, Operation};
    use proptest::prelude::*;

    fn failed(code: Code, status: Option<u16>) -> Box<Failure> {
        let mut failure = Failure::new(code, "r", Operation::ManifestGet, "");
        let (method, url) = ("GET".to_owned(), "https://r/".to_owned());
        failure.http = Some(HttpFacts { method, url, status, registry_code: None });
        failure
    }

    #[test]
    fn each_failure_is_worth_so_many_attempts() {
        use Tries::{Often, Once, Twice};
        let table = [
            (Code::Network, None, Often),
            (Code::Timeout, None, Often),
            (Code::Tls, None, Once),
            (Code::Proxy, None, Once),
            (Code::Proxy, Some(407), Once),
            (Code::UnknownHost, None, Twice),
            (Code::Throttled, Some(429), Often),
            (Code::Quota, Some(429), Once),
            (Code::ServerError, Some(500), Often),
            (Code::ServerError, Some(506), Twice),
            (Code::ServerError, Some(511), Twice),
            (Code::ServerError, Some(525), Twice),
            // A session that is lost: another one may do.
            (Code::ServerError, Some(404), Often),
            (Code::Protocol, Some(500), Twice),
            (Code::Protocol, Some(501), Twice),
            (Code::Protocol, Some(418), Once),
            (Code::Protocol, None, Once),
            (Code::Corrupt, Some(200), Once),
            (Code::Unauthenticated, Some(401), Once),
            (Code::Denied, Some(403), Once),
            (Code::NotFound, Some(404), Once),
            (Code::TargetFull, Some(507), Once),
        ];
        for (code, status, tries) in table {
            assert_eq!(Tries::of(&failed(code, status)), tries, "{code:?} {status:?}");
        }
    }

    #[test]
    fn these_statuses_may_pass_and_no_others() {
        let passing: Vec<u16> = (100..=599).filter(|status| is_passing(*status)).collect();
        assert_eq!(passing, [408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524]);
    }

    #[test]
    fn waits_grow_to_a_ceiling_and_end() {
        let failure = Failure::new(Code::ServerError, "r", Operation::ManifestGet, "");
        let wait = |attempt| wait_before_retry(attempt, &failure, 1.0).map(|wait| wait.as_millis());
        assert_eq!([1, 2, 3, 4, 5].map(wait), [500, 1000, 2000, 4000, 8000].map(Some));
        assert_eq!(wait(ATTEMPTS_MAX), None);
        let denied = Failure::new(Code::Denied, "r", Operation::ManifestGet, "");
        assert_eq!(wait_before_retry(1, &denied, 1.0), None);
    }

    #[test]
    fn no_wait_is_longer_than_its_ceiling_whatever_failed_and_how_often() {
        let near = (0_u64..2 * RETRY_AFTER_MAX.as_secs()).prop_map(Duration::from_secs);
        let asked = prop::option::of(prop_oneof![near, any::<Duration>()]);
        let codes = [Code::Network, Code::Throttled, Code::ServerError, Code::Denied, Code::Corrupt];
        let code = prop::sample::select(codes.to_vec());
        crate::laws::hold((1_u32..40, code, asked, 0.0..=1.0_f64), |(attempt, code, asked, random)| {
            let mut failure = Failure::new(code, "r", Operation::ManifestGet, "");
            failure.retry_after = asked;
            let wait = wait_before_retry(attempt, &failure, random);
            let passes = matches!(code, Code::Network | Code::Throttled | Code::ServerError);
            let is_worth_it =
                passes && attempt < ATTEMPTS_MAX && asked.is_none_or(|asked| asked <= RETRY_AFTER_MAX);
            prop_assert_eq!(wait.is_some(), is_worth_it);
            let ceiling = asked.unwrap_or(Duration::from_millis(CEILING_MS_MAX));
            prop_assert!(wait.is_none_or(|wait| wait <= ceiling), "{wait:?}");
            prop_assert!(wait.is_none() || asked.is_none() || wait == asked, "{wait:?}");
            Ok(())
        });
    }

    #[test]
    fn a_pause_that_is_too_long_is_not_waited_for() {
        let mut failure = Failure::new(Code::Throttled, "r", Operation::ManifestGet, "");
        failure.retry_after = Some(Duration::from_secs(600));
        assert_eq!(wait_before_retry(1, &failure, 0.0), Some(Duration::from_secs(600)));
        failure.retry_after = Some(Duration::from_secs(601));
        assert_eq!(wait_before_retry(1, &failure, 0.0), None);
    }
}
