//! Reading blobs: HEAD, GET, and GET of a part.

use super::Request;
use super::answer::{Answer, AnswerBody};
use super::errors::{digest_invalid, error};
use super::personality::BlobsAt;
use super::server::Shared;
use super::storage;
use crate::bed::digest::is_digest;
use crate::bed::images::{Blob, BlobBytes};
use serde_json::{Value, json};

/// `HEAD` and `GET …/blobs/…`. distribution-spec, "Pulling blobs".
pub(super) fn read(shared: &Shared, request: &Request, name: &str, digest: &str) -> Answer {
    if !is_digest(digest) {
        return digest_invalid(json!({}));
    }
    let unknown = || error(404, "BLOB_UNKNOWN", "blob unknown to registry", json!(digest));
    let Some(blob) = shared.contents().blob_in(name, digest).cloned() else { return unknown() };
    let reads_bytes = request.method == "GET";
    if reads_bytes && shared.contents().hole(name, digest).is_some() {
        return unknown();
    }
    if let (true, BlobsAt::Elsewhere(status)) = (reads_bytes, shared.options.traits.blobs_at) {
        return Answer::empty(status).header("location", storage::url(shared, digest));
    }
    bytes(request, digest, blob)
}

/// A blob, or the part of it that is asked for.
pub(super) fn bytes(request: &Request, digest: &str, blob: Blob) -> Answer {
    let reads_bytes = request.method == "GET";
    if reads_bytes && matches!(blob.bytes, BlobBytes::Forgotten) {
        return error(500, "UNKNOWN", "the bytes of this blob were not kept", Value::Null);
    }
    let size_bytes = blob.size_bytes;
    let (status, start, end) = match part(request.header("range"), size_bytes) {
        Part::Whole => (200, 0, size_bytes),
        Part::Of { start, end } => (206, start, end),
        Part::Beyond => {
            return Answer::empty(416)
                .header("content-range", format!("bytes */{size_bytes}"))
                .header("content-type", "text/plain; charset=utf-8")
                .header("docker-content-digest", digest)
                .header("etag", format!("\"{digest}\""));
        }
    };
    let mut answer = Answer::empty(status)
        .header("accept-ranges", "bytes")
        .header("content-type", "application/octet-stream")
        .header("docker-content-digest", digest)
        .header("etag", format!("\"{digest}\""));
    if status == 206 {
        answer = answer.header("content-range", format!("bytes {start}-{}/{size_bytes}", end - 1));
    }
    answer.body = AnswerBody::Blob { blob, start, end };
    answer
}

/// Which part of a blob a `Range` header asks for.
enum Part {
    Whole,
    Of { start: u64, end: u64 },
    Beyond,
}

/// Reads `bytes=start-` and `bytes=start-last`; anything else means the whole (RFC 9110 §14.2).
fn part(range: Option<&str>, size_bytes: u64) -> Part {
    let Some((start, last)) = range.and_then(|r| r.strip_prefix("bytes=")?.split_once('-')) else {
        return Part::Whole;
    };
    let Ok(start) = start.parse::<u64>() else { return Part::Whole };
    let end = match last {
        "" => size_bytes,
        last => last.parse::<u64>().map_or(size_bytes, |last| last.saturating_add(1)).min(size_bytes),
    };
    if start < end { Part::Of { start, end } } else { Part::Beyond }
}
