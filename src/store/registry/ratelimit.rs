//! The headers in which registries tell what they will still take. Reads only.
//!
//! Two kinds are alike: the fields of the IETF's draft (`RateLimit-Limit`, `-Remaining`, `-Reset`), which
//! are about a minute or so, and those of Docker Hub (`ratelimit-remaining: 76;w=21600`), which are about
//! hours.

use super::throttle::Announced;
use reqwest::header::HeaderMap;
use std::time::Duration;

/// The longest time that is believed. What is longer is a date, or a mistake.
pub(super) const SECONDS_MAX: u64 = 32 * 24 * 3600;

/// What the headers of an answer announce; none when they do not.
pub(super) fn announced(headers: &HeaderMap) -> Option<Announced> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let (limit, remaining) = (text("ratelimit-limit"), text("ratelimit-remaining")?);
    let window = parameter(remaining).or_else(|| limit.and_then(parameter));
    Some(Announced {
        limit: limit.and_then(number),
        remaining: number(remaining)?,
        window: window.and_then(seconds),
        reset: text("ratelimit-reset").and_then(number).and_then(seconds),
    })
}

/// The number at the start: `100`, `100;w=60` and `100, 100;w=60` all mean a hundred.
fn number(text: &str) -> Option<u64> {
    text.split([';', ',']).next()?.trim().parse().ok()
}

/// The length of the window, in seconds.
fn parameter(text: &str) -> Option<u64> {
    let mut parameters = text.split([';', ',']).map(str::trim);
    parameters.find_map(|parameter| parameter.strip_prefix("w=")?.parse().ok())
}

fn seconds(seconds: u64) -> Option<Duration> {
    (1..=SECONDS_MAX).contains(&seconds).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    /// Limit, what remains, and the seconds of window and reset.
    type Read = (Option<u64>, u64, Option<u64>, Option<u64>);

    fn read(limit: &str, remaining: &str, reset: &str) -> Option<Read> {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("ratelimit-limit", limit), ("ratelimit-remaining", remaining), ("ratelimit-reset", reset)]
        {
            if !value.is_empty() {
                headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
            }
        }
        let seconds = |duration: Option<Duration>| duration.map(|duration| duration.as_secs());
        let Announced { limit, remaining, window, reset } = announced(&headers)?;
        Some((limit, remaining, seconds(window), seconds(reset)))
    }

    #[test]
    fn both_kinds_of_headers_are_read_and_nonsense_is_not() {
        assert_eq!(read("100;w=21600", "76;w=21600", ""), Some((Some(100), 76, Some(21_600), None)));
        assert_eq!(read("100, 100;w=60", "5", "12"), Some((Some(100), 5, Some(60), Some(12))));
        assert_eq!(read("", "0", "12"), Some((None, 0, None, Some(12))));
        assert_eq!(read("100", "", "12"), None);
        assert_eq!(read("many", "-1", ""), None);
        assert_eq!(read("9;w=x", "3;w=0", "1700000000"), Some((Some(9), 3, None, None)), "a date is no time");
    }
}
