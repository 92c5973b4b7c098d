//! How long is waited for what at a registry. Decides only; waits for nothing.

use crate::failure::Operation;
use std::time::Duration;

/// Longest time for one TCP connection with its TLS handshake, and with what a proxy in between takes.
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// How long the head of an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// The same for what a server may have to fetch or to check first: blobs and files, which a cache fetches
/// when it is asked for the first time, and manifests that are written, whose children are looked for.
const SLOW_ANSWER: Duration = Duration::from_secs(120);
/// How long nothing may move in a body, in either direction.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// How long the answer to an upload may take after the last byte: a registry hashes what it got first,
const ARRIVAL_SECONDS_MIN: u64 = 120;
/// for each so many bytes a second more,
const HASHED_BYTES_PER_SECOND: u64 = 20_000_000;
/// but no longer than this.
const ARRIVAL_SECONDS_MAX: u64 = 900;

/// How often a connection with HTTP/2 is asked whether it is there, while an answer is waited for. A
/// request that is given up leaves such a connection as it is, so without this one that is dead would
/// swallow every attempt.
pub(super) const PING_EVERY: Duration = Duration::from_secs(20);
/// How long that may take.
pub(super) const PING: Duration = Duration::from_secs(10);

/// How long the head of the answer to a request may take.
pub(super) fn answer(operation: Operation) -> Duration {
    match operation {
        Operation::BlobGet | Operation::Download | Operation::ManifestPut => SLOW_ANSWER,
        _ => ANSWER,
    }
}

/// How long the answer may take after the last byte of an upload, of which `hashed_bytes` are hashed.
pub(super) fn arrival(hashed_bytes: u64) -> Duration {
    let seconds = ARRIVAL_SECONDS_MIN + hashed_bytes / HASHED_BYTES_PER_SECOND;
    Duration::from_secs(seconds.min(ARRIVAL_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_its_time() {
        use Operation::{
            BlobGet, BlobHead, Download, ManifestGet, ManifestHead, ManifestPut, Ping, ReferrerList, TagList,
            Token, UploadStart,
        };
        for quick in [Token, Ping, TagList, ReferrerList, ManifestHead, ManifestGet, BlobHead, UploadStart] {
            assert_eq!(answer(quick).as_secs(), 30, "{quick:?}");
        }
        for slow in [BlobGet, Download, ManifestPut] {
            assert_eq!(answer(slow).as_secs(), 120, "{slow:?}");
        }
    }

    #[test]
    fn a_large_upload_may_be_hashed_longer_but_not_for_ever() {
        const GB: u64 = 1_000_000_000;
        for (bytes, seconds) in [(0, 120), (20_000_000, 121), (GB, 170), (10 * GB, 620), (u64::MAX, 900)] {
            assert_eq!(arrival(bytes).as_secs(), seconds, "{bytes}");
        }
    }

    #[test]
    fn a_connection_that_is_dead_is_found_out_before_a_body_is_given_up() {
        assert!(PING_EVERY + PING <= ANSWER && ANSWER < IDLE && CONNECT < ANSWER);
    }
}
