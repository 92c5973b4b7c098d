//! The one line that says how far a run is. For people.

use crate::meter::{Discovery, Sample};
use crate::report::human::{Bytes, Count};

/// `12 images done of 42 found so far, 3 blobs under way, 1.2 GiB of 3.4 GiB, 240 MiB/s`.
pub(super) fn summary(sample: &Sample, bytes_per_second: u64) -> String {
    let Sample { entries_found, entries_done, discovery, bytes_expected, bytes_done, blobs_in_flight } =
        *sample;
    let found = match discovery {
        Discovery::Running => " found so far",
        Discovery::Finished => "",
    };
    let done = Count(entries_done, "image");
    let blobs = Count(blobs_in_flight, "blob");
    let moved = match bytes_expected {
        0 => Bytes(bytes_done).to_string(),
        // What was tried again came twice.
        expected => format!("{} of {}", Bytes(bytes_done.min(expected)), Bytes(expected)),
    };
    format!(
        "{done} done of {entries_found}{found}, {blobs} under way, {moved}, {}/s",
        Bytes(bytes_per_second)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_says_what_is_known() {
        let early = Sample { entries_found: 42, entries_done: 1, bytes_done: 2_048, ..Sample::default() };
        let late = Sample {
            entries_found: 42,
            entries_done: 12,
            discovery: Discovery::Finished,
            bytes_expected: 3_650_722_202,
            bytes_done: 1_288_490_189,
            blobs_in_flight: 3,
        };
        let lines = [summary(&Sample::default(), 0), summary(&early, 1_024), summary(&late, 251_658_240)];
        insta::assert_snapshot!(lines.join("\n"), @r"
        0 images done of 0 found so far, 0 blobs under way, 0 B, 0 B/s
        1 image done of 42 found so far, 0 blobs under way, 2.0 KiB, 1.0 KiB/s
        12 images done of 42, 3 blobs under way, 1.2 GiB of 3.4 GiB, 240 MiB/s
        ");
    }
}
