//! Which bytes of a blob a request wants. RFC 9110, "Range Requests". Values only.

use std::ops::Range;

/// What becomes of a header `Range`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All bytes: nothing was said, or nothing that can be heeded.
    Whole,
    /// These, at least one.
    Part(Range<u64>),
    /// Bytes that the blob does not have.
    Nothing,
}

/// Reads the header for a blob of `size_bytes`. Several ranges at once, other units and what breaks the grammar
/// are answered with all bytes, as a server may.
pub(super) fn wanted(header: Option<&str>, size_bytes: u64) -> Wanted {
    let Some(ranges) = header.and_then(bytes_of) else { return Wanted::Whole };
    let Some((first, last)) = ranges.trim().split_once('-') else { return Wanted::Whole };
    match (number(first), number(last)) {
        // The last so many bytes.
        (Ok(None), Ok(Some(0))) => Wanted::Nothing,
        (Ok(None), Ok(Some(_))) if size_bytes == 0 => Wanted::Nothing,
        (Ok(None), Ok(Some(count))) => Wanted::Part(size_bytes.saturating_sub(count)..size_bytes),
        (Ok(Some(first)), Ok(Some(last))) if last < first => Wanted::Whole,
        (Ok(Some(first)), Ok(_)) if first >= size_bytes => Wanted::Nothing,
        (Ok(Some(first)), Ok(last)) => {
            let end = last.and_then(|last| last.checked_add(1)).unwrap_or(size_bytes);
            Wanted::Part(first..end.min(size_bytes))
        }
        _ => Wanted::Whole,
    }
}

/// What follows the unit, where that is bytes.
fn bytes_of(header: &str) -> Option<&str> {
    let (unit, ranges) = header.split_once('=')?;
    unit.trim().eq_ignore_ascii_case("bytes").then_some(ranges)
}

/// A number, or none where nothing stands; too large a number is the largest.
fn number(text: &str) -> Result<Option<u64>, ()> {
    match text {
        "" => Ok(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(text.parse().unwrap_or(u64::MAX))),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(header: &str) -> String {
        match wanted(Some(header), 10) {
            Wanted::Part(Range { start, end }) => format!("{start}..{end}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_range_is_cut_at_the_end_and_never_empty() {
        for (header, expected) in [
            ("bytes=0-0", "0..1"),
            ("bytes=2-5", "2..6"),
            ("bytes=2-", "2..10"),
            ("bytes=2-99", "2..10"),
            ("bytes=9-18446744073709551615", "9..10"),
            ("bytes=0-99999999999999999999999", "0..10"),
            ("bytes=-3", "7..10"),
            ("bytes=-99", "0..10"),
            ("Bytes = 2-5", "2..6"),
            ("bytes=10-", "Nothing"),
            ("bytes=10-12", "Nothing"),
            ("bytes=99999999999999999999999-", "Nothing"),
            ("bytes=-0", "Nothing"),
        ] {
            assert_eq!(told(header), expected, "{header}");
        }
        assert_eq!(wanted(Some("bytes=-1"), 0), Wanted::Nothing);
        assert_eq!(wanted(Some("bytes=0-"), 0), Wanted::Nothing);
        assert_eq!(wanted(None, 10), Wanted::Whole);
    }

    #[test]
    fn what_cannot_be_heeded_is_as_good_as_nothing() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=0-1,3-4",
            "lines=1-2",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1--2",
        ] {
            assert_eq!(told(header), "Whole", "{header}");
        }
    }
}
