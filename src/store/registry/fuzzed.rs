//! What holds for the headers of registries that need no token, whatever the bytes are.

use super::pause::retry_after as pause_of;
use super::ratelimit::{SECONDS_MAX, announced};
use super::tags::next_query;
use crate::failure::{Code, Failure, Operation};
use crate::store::backoff::{RETRY_AFTER_MAX, wait_before_retry};
use reqwest::Url;
use reqwest::header::{DATE, HeaderMap, HeaderName, HeaderValue, LINK, RETRY_AFTER};
use std::time::Duration;

/// A header of each line that can be one.
pub(super) fn values(bytes: &[u8]) -> impl Iterator<Item = HeaderValue> {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok())
}

/// `Link`, a line each: whatever they say, the next page is at the same place, and only its query differs.
pub fn link(bytes: &[u8]) -> bool {
    let mut headers = HeaderMap::new();
    for value in values(bytes) {
        headers.append(LINK, value);
    }
    let Some(query) = next_query(&headers) else { return false };
    let first = Url::parse("https://r.test:5000/v2/team/app/tags/list").expect("a URL");
    let mut next = first.clone();
    next.set_query(Some(&query));
    assert_eq!(next.origin(), first.origin());
    assert_eq!((next.path(), next.fragment(), next.username()), (first.path(), None, ""));
    assert_eq!(Url::parse(next.as_str()), Ok(next.clone()));
    // A link that is written anew from what was taken leads to the same page.
    let mut again = HeaderMap::new();
    let link = HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).expect("a URL is a header value");
    again.insert(LINK, link);
    assert_eq!(next_query(&again).as_deref(), next.query());
    true
}

/// `Retry-After`, the `Date` of the answer, and what it announces of limits, a line each: no pause is empty,
/// none that is too long is waited for, and no time is longer than what can be meant.
pub fn retry_after(bytes: &[u8]) -> bool {
    let announcements = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
    let names = [RETRY_AFTER, DATE].into_iter().chain(announcements.map(HeaderName::from_static));
    let headers: HeaderMap = names.zip(values(bytes)).collect();
    // A clock that is off by decades.
    let pause = pause_of(&headers, std::time::UNIX_EPOCH);
    assert_ne!(pause, Some(Duration::ZERO));
    let plain = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    if let Some(seconds) =
        plain.and_then(|text| text.trim().parse::<u64>().ok().filter(|_| !text.contains('+')))
    {
        assert_eq!(pause.unwrap_or_default(), Duration::from_secs(seconds));
    }
    let mut failure = *Failure::new(Code::Throttled, "r.test/a", Operation::ManifestGet, "");
    failure.retry_after = pause;
    for attempt in 0..8 {
        for random in [0.0, 0.5, 1.0] {
            let wait = wait_before_retry(attempt, &failure, random);
            assert!(wait.is_none_or(|wait| wait <= RETRY_AFTER_MAX), "{wait:?}");
        }
    }
    let announced = announced(&headers);
    for time in announced.iter().flat_map(|announced| [announced.window, announced.reset]).flatten() {
        assert!((1..=SECONDS_MAX).contains(&time.as_secs()) && time.subsec_nanos() == 0, "{time:?}");
    }
    pause.is_some()
}
