//! Which bytes of a blob are asked for, and where those of an answer lie. Sends nothing.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_RANGE, HeaderMap, HeaderValue};

/// The bytes from `start` up to but without `end`, of a blob of `size_bytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) size_bytes: u64,
}

/// What the head of an answer says of the bytes that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Placed {
    /// They are what was asked for.
    Asked,
    /// They are the whole blob, although a part of it was asked for.
    Whole,
    /// They are something else; why, in words.
    Elsewhere(String),
}

impl Wanted {
    pub(super) fn is_whole(&self) -> bool {
        self.start == 0 && self.end == self.size_bytes
    }

    /// The header that asks for it, which a whole blob does not need. It always has an end: a range
    /// without one is refused by some that take this one.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let range = format!("bytes={}-{}", self.start, self.end.saturating_sub(1));
        HeaderValue::from_str(&range).ok().filter(|_| !self.is_whole())
    }

    /// Where the bytes of a successful answer lie (RFC 9110 §14.4, §15.3.7).
    pub(super) fn placed(&self, status: StatusCode, headers: &HeaderMap, announced: Option<u64>) -> Placed {
        let (expected_bytes, placed) = match (status, self.is_whole()) {
            (StatusCode::PARTIAL_CONTENT, true) => {
                return Placed::Elsewhere("a part of the blob came, and the whole was asked for".to_owned());
            }
            (StatusCode::PARTIAL_CONTENT, false) => match self.misplaced(headers) {
                Some(why) => return Placed::Elsewhere(why),
                None => (self.end - self.start, Placed::Asked),
            },
            (_, true) => (self.size_bytes, Placed::Asked),
            (_, false) => (self.size_bytes, Placed::Whole),
        };
        match announced {
            Some(length) if length != expected_bytes => {
                let what =
                    if placed == Placed::Asked && !self.is_whole() { "part of the blob" } else { "blob" };
                let why = format!("the {what} shall have {expected_bytes} bytes but {length} are announced");
                Placed::Elsewhere(why)
            }
            _ => placed,
        }
    }

    /// What is wrong with the `Content-Range` of an answer, if anything.
    fn misplaced(&self, headers: &HeaderMap) -> Option<String> {
        let Some(text) = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok()) else {
            return Some("a part of the blob came without a Content-Range".to_owned());
        };
        let right = content_range(text).is_some_and(|(first, last, total)| {
            let total = total.unwrap_or(self.size_bytes);
            (first, last.checked_add(1), total) == (self.start, Some(self.end), self.size_bytes)
        });
        (!right).then(|| {
            let (first, last) = (self.start, self.end.saturating_sub(1));
            format!("bytes {first}-{last}/{} were asked for, and {text:?} came", self.size_bytes)
        })
    }
}

/// First byte, last byte and length of the whole, which may be unknown: `bytes 0-9/10`, `bytes 0-9/*`.
fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (unit, range) = text.trim().split_once(' ')?;
    let (range, total) = range.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let total = match total {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    let bytes = unit.eq_ignore_ascii_case("bytes");
    bytes.then_some((first.parse().ok()?, last.parse().ok()?, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Wanted = Wanted { start: 40, end: 100, size_bytes: 100 };
    const WHOLE: Wanted = Wanted { start: 0, end: 100, size_bytes: 100 };

    fn placed(wanted: Wanted, status: u16, range: &str, announced: Option<u64>) -> Placed {
        let mut headers = HeaderMap::new();
        if !range.is_empty() {
            headers.insert(CONTENT_RANGE, HeaderValue::from_str(range).expect("a header value"));
        }
        wanted.placed(StatusCode::from_u16(status).expect("a status"), &headers, announced)
    }

    #[test]
    fn a_part_is_asked_for_by_its_first_and_last_byte_and_a_whole_without() {
        assert_eq!(REST.header(), Some(HeaderValue::from_static("bytes=40-99")));
        assert_eq!(Wanted { start: 0, end: 1, size_bytes: 2 }.header().expect("a part"), "bytes=0-0");
        assert_eq!(WHOLE.header(), None);
    }

    #[test]
    fn only_the_very_part_that_was_asked_for_is_taken() {
        for right in ["bytes 40-99/100", "bytes 40-99/*", "Bytes 40-99/100"] {
            assert_eq!(placed(REST, 206, right, Some(60)), Placed::Asked, "{right}");
            assert_eq!(placed(REST, 206, right, None), Placed::Asked, "{right}");
        }
        for wrong in [
            "",
            "bytes 41-99/100",
            "bytes 39-99/100",
            "bytes 40-98/100",
            "bytes 40-100/100",
            "bytes 40-99/101",
            "bytes 40-18446744073709551615/100",
            "bytes */100",
            "items 40-99/100",
            "bytes 40-99",
            "bytes=40-99/100",
        ] {
            assert!(matches!(placed(REST, 206, wrong, Some(60)), Placed::Elsewhere(_)), "{wrong}");
        }
        assert!(matches!(placed(REST, 206, "bytes 40-99/100", Some(61)), Placed::Elsewhere(_)));
    }

    #[test]
    fn a_server_that_does_not_know_ranges_sends_the_whole() {
        assert_eq!(placed(REST, 200, "", Some(100)), Placed::Whole);
        assert_eq!(placed(REST, 200, "", None), Placed::Whole);
        assert!(matches!(placed(REST, 200, "", Some(60)), Placed::Elsewhere(_)));
        assert_eq!(placed(WHOLE, 200, "", Some(100)), Placed::Asked);
        assert!(matches!(placed(WHOLE, 200, "", Some(21)), Placed::Elsewhere(_)));
        assert!(matches!(placed(WHOLE, 206, "bytes 0-99/100", Some(100)), Placed::Elsewhere(_)));
    }
}
