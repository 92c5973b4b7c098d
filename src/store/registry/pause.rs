//! What a registry asks for when it wants to be left alone. Decides only; never sleeps.

use crate::failure::{Code, Failure};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// The pause that the headers of a 429 or 503 ask for (RFC 9110 §10.2.3), or none.
///
/// A date is compared with the answer's own `Date`, so that a wrong clock on either side does not
/// matter. What is negative, past or unreadable asks for nothing.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return (seconds > 0).then(|| Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    until.duration_since(now).ok().filter(|pause| !pause.is_zero())
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

    #[test]
    fn both_forms_of_retry_after_are_read_and_nonsense_asks_for_nothing() {
        let seconds = |text: &str| retry_after(&headers(text)).map(|pause| pause.as_secs());
        assert_eq!(seconds("2"), Some(2));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:40 GMT"), Some(3));
        assert_eq!(seconds("Sunday, 06-Nov-94 08:49:40 GMT"), Some(3));
        assert_eq!(seconds("Sun Nov  6 08:49:40 1994"), Some(3));
        for nothing in ["0", "-1", "soon", "", "Sun, 06 Nov 1994 08:49:30 GMT", "99999999999999999999999"] {
            assert_eq!(seconds(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_date_without_the_answers_own_date_asks_for_nothing() {
        let mut headers = headers("Sun, 06 Nov 1994 08:49:40 GMT");
        headers.remove(DATE);
        assert_eq!(retry_after(&headers), None);
    }
}
