//! Points in time: seconds since 1970-01-01T00:00:00Z, which people write as RFC 3339.

use super::reading::{Node, Reading, shortened};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A number of seconds, or RFC 3339 text.
pub(super) fn read(node: &Node<'_>, reading: &mut Reading<'_>) -> Option<i64> {
    if let Some(seconds) = node.plain::<i64>() {
        return Some(seconds);
    }
    let wanted = "seconds since 1970 such as 1700000000, or text such as \"2023-11-14T22:13:20Z\"";
    let Some(text) = node.plain::<String>() else {
        reading.wrong(node, format!("{} stands where a time belongs: {wanted}", node.kind()), None);
        return None;
    };
    match OffsetDateTime::parse(&text, &Rfc3339) {
        Ok(at) => Some(at.unix_timestamp()),
        Err(_) => {
            reading.wrong(node, format!("{:?} is no time: write {wanted}", shortened(&text)), None);
            None
        }
    }
}

/// As it is written: text where that says the same.
pub(super) fn written(seconds: i64) -> Value {
    let text = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(&Rfc3339).ok());
    let same =
        |text: &String| OffsetDateTime::parse(text, &Rfc3339).is_ok_and(|at| at.unix_timestamp() == seconds);
    text.filter(same).map_or_else(|| json!(seconds), Value::String)
}
