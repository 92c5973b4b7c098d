//! What a registry asks for when it wants to be left alone. Decides only; never sleeps.

use crate::failure::{Code, Failure};
use crate::store::backoff::RETRY_AFTER_MAX;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::{Duration, SystemTime};

/// The pause that the headers of a 429 or 503 ask for (RFC 9110 §10.2.3), or none. `wall` is what our clock
/// shows.
///
/// A date is compared with the answer's own `Date`, so that a wrong clock on either side does not
/// matter. Where there is none, our clock is asked, and believed when it makes a pause of it that is
/// waited for: one that is off by years does not. What is negative, past or unreadable asks for nothing,
/// and what is more than can be counted asks for more than is waited for.
pub(super) fn retry_after(headers: &HeaderMap, wall: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = text.parse().unwrap_or(u64::MAX);
        return (seconds > 0).then(|| Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let pause_from = |now| until.duration_since(now).ok().filter(|pause| !pause.is_zero());
    match date(headers) {
        Some(now) => pause_from(now),
        None => pause_from(wall).filter(|pause| *pause <= RETRY_AFTER_MAX),
    }
}

/// What the clock of the registry showed when it answered (RFC 9110 §6.6.1).
pub(super) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

/// How a registry says that it is asked for too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 429: there were too many requests.
    TooMany,
    /// 503: it cannot serve any now.
    Overloaded,
}

/// Whether this failure says that less shall be asked for a while.
pub(super) fn refusal(failure: &Failure) -> Option<Refusal> {
    let status = failure.http.as_ref().and_then(|http| http.status);
    match (failure.code, status) {
        (Code::Throttled, _) => Some(Refusal::TooMany),
        (_, Some(503)) => Some(Refusal::Overloaded),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn headers(retry_after: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(retry_after).expect("a header value"));
        headers.insert(DATE, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"));
        headers
    }

    const HOUR: Duration = Duration::from_secs(3600);
    const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    fn then() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    #[test]
    fn every_form_of_retry_after_is_read_and_nonsense_asks_for_nothing() {
        let table = [
            ("2", Some(2)),
            (" 120 ", Some(120)),
            ("1000000000", Some(1_000_000_000)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some(3)),
            ("Sunday, 06-Nov-94 08:49:40 GMT", Some(3)),
            ("Sun Nov  6 08:49:40 1994", Some(3)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:30 GMT", None),
            ("0", None),
            ("-1", None),
            ("+5", None),
            ("1.5", None),
            ("1e9", None),
            ("2, 3", None),
            ("soon", None),
            ("", None),
        ];
        for (text, seconds) in table {
            // Whatever our own clock shows.
            for wall in [then(), then() - TEN_YEARS, then() + TEN_YEARS] {
                let found = retry_after(&headers(text), wall).map(|pause| pause.as_secs());
                assert_eq!(found, seconds, "{text:?}");
            }
        }
    }

    #[test]
    fn a_date_without_the_answers_own_date_is_compared_with_our_clock_where_that_makes_sense() {
        let mut headers = headers("Sun, 06 Nov 1994 08:49:40 GMT");
        headers.insert(DATE, HeaderValue::from_static("yesterday"));
        let pause = |headers: &HeaderMap, wall| retry_after(headers, wall).map(|pause| pause.as_secs());
        for _ in 0..2 {
            assert_eq!(pause(&headers, then()), Some(3));
            assert_eq!(pause(&headers, then() - RETRY_AFTER_MAX), None, "longer than is waited for");
            for wall in [then() + HOUR, then() - HOUR, then() + TEN_YEARS, then() - TEN_YEARS] {
                assert_eq!(pause(&headers, wall), None, "a clock that is wrong");
            }
            headers.remove(DATE);
        }
    }
}
