//! Points in time as text.

use time::{OffsetDateTime, UtcOffset};

/// RFC 3339 in UTC, to the millisecond.
pub(super) fn utc(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second, millisecond) = at.to_hms_milli();
    let month = u8::from(month);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// Seconds since 1970 with three decimals; 0 for what was before.
pub(super) fn unix_seconds(at: OffsetDateTime) -> String {
    let milliseconds = u128::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    seconds(milliseconds)
}

/// Milliseconds as seconds with three decimals.
pub(super) fn seconds(milliseconds: u128) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}
