//! Manifests and blobs.

use super::{Counter, Query, not_modified, unreadable};
use crate::oci::{At, Descriptor, Digest};
use crate::serve::answer::{CONTENT_DIGEST, Refusal, bare, document, set};
use crate::serve::body::{BlobBody, Body};
use crate::serve::negotiate::{accepts, etag, has_already, may_be_part};
use crate::serve::range::{Wanted, wanted};
use crate::serve::site::{Found, Known, Repository, Site};
use crate::store::BlobStream;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use hyper::{Method, Response, StatusCode, header};
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What blobs are, to HTTP.
const BLOB_TYPE: &str = "application/octet-stream";

/// distribution-spec, "Pulling manifests".
pub(super) async fn manifest(
    site: &Site,
    repository: &Repository,
    at: &At,
    query: &Query<'_>,
) -> Result<Response<Body>, Refusal> {
    let digest = match at {
        At::Digest(digest) => digest,
        At::Tag(tag) => repository.tags.get(tag).ok_or_else(unknown)?,
    };
    let Known { media_type, size_bytes, reader } = site.manifest(digest).ok_or_else(unknown)?;
    if !accepts(query.values(header::ACCEPT), media_type) {
        let message = format!("the manifest is {media_type}, which the header Accept does not name");
        return Err(Refusal::manifest_unknown(message));
    }
    let mut answer = if has_already(query.values(header::IF_NONE_MATCH), digest) {
        not_modified()
    } else if query.head.method == Method::HEAD {
        let mut answer = document(StatusCode::OK, media_type.as_str(), Bytes::new());
        set(&mut answer, header::CONTENT_LENGTH, &size_bytes.to_string());
        answer
    } else {
        let raw = reader.manifest(&At::Digest(digest.clone())).await.map_err(|why| unreadable(&why))?;
        // The reader has hashed it.
        document(StatusCode::OK, media_type.as_str(), raw.ok_or_else(Refusal::unreadable)?.bytes)
    };
    name(&mut answer, digest);
    Ok(answer)
}

fn unknown() -> Refusal {
    Refusal::manifest_unknown("no such manifest is served here")
}

/// distribution-spec, "Pulling blobs".
pub(super) async fn blob(
    counter: &Counter,
    digest: &Digest,
    query: &Query<'_>,
) -> Result<Response<Body>, Refusal> {
    let found = counter.site.blob(digest).await.map_err(|why| unreadable(&why))?;
    let found = found.ok_or_else(Refusal::blob_unknown)?;
    let size_bytes = found.size_bytes;
    if has_already(query.values(header::IF_NONE_MATCH), digest) {
        let mut answer = not_modified();
        name(&mut answer, digest);
        return Ok(answer);
    }
    // A range is one of GET only, and only of the content that the client has parts of. RFC 9110, "Range".
    let is_part = query.head.method == Method::GET && may_be_part(query.value(header::IF_RANGE), digest);
    let part = match wanted(query.value(header::RANGE).filter(|_| is_part), size_bytes) {
        Wanted::Whole => None,
        Wanted::Part(part) => Some(part),
        Wanted::Nothing => {
            let mut answer = bare(StatusCode::RANGE_NOT_SATISFIABLE);
            set(&mut answer, header::CONTENT_RANGE, &format!("bytes */{size_bytes}"));
            set(&mut answer, header::CONTENT_LENGTH, "0");
            return Ok(answer);
        }
    };
    let mut answer = match &part {
        None => bare(StatusCode::OK),
        Some(Range { start, end }) => {
            let mut answer = bare(StatusCode::PARTIAL_CONTENT);
            set(&mut answer, header::CONTENT_RANGE, &format!("bytes {start}-{}/{size_bytes}", end - 1));
            answer
        }
    };
    let bytes = part.clone().unwrap_or(0..size_bytes);
    set(&mut answer, header::CONTENT_TYPE, BLOB_TYPE);
    set(&mut answer, header::CONTENT_LENGTH, &(bytes.end - bytes.start).to_string());
    set(&mut answer, header::ACCEPT_RANGES, "bytes");
    name(&mut answer, digest);
    if query.head.method == Method::GET && !bytes.is_empty() {
        *answer.body_mut() = Body::Blob(Box::new(opened(counter, digest, found, bytes, query).await?));
    }
    Ok(answer)
}

/// The bytes of a blob, when it is its turn.
async fn opened(
    counter: &Counter,
    digest: &Digest,
    Found { size_bytes, place: source }: Found,
    bytes: Range<u64>,
    query: &Query<'_>,
) -> Result<BlobBody, Refusal> {
    let place = Arc::clone(&counter.blobs).acquire_owned().await.map_err(|_| Refusal::unreadable())?;
    // What it is to an image, nobody said.
    let media_type = BLOB_TYPE.parse().map_err(|_| Refusal::unreadable())?;
    let blob = Descriptor::new(media_type, digest.clone(), size_bytes);
    let pieces = source.blob(&blob, bytes.start).await.map_err(|why| unreadable(&why))?;
    let proof = match bytes == (0..size_bytes) {
        true => counter.proven.proof(digest),
        false => None,
    };
    Ok(BlobBody {
        pieces: in_turn(pieces, Arc::clone(&counter.reads)),
        left_bytes: bytes.end - bytes.start,
        piece: Bytes::new(),
        proof,
        moving: query.waiting.moving(),
        _place: place,
    })
}

/// The same pieces, each read when it is its turn.
fn in_turn(pieces: BlobStream, reads: Arc<Semaphore>) -> BlobStream {
    let next = |(mut pieces, reads): (BlobStream, Arc<Semaphore>)| async move {
        let turn = reads.acquire().await;
        let piece = pieces.next().await?;
        drop(turn);
        Some((piece, (pieces, reads)))
    };
    stream::unfold((pieces, reads), next).boxed()
}

/// Says which content it is.
fn name(answer: &mut Response<Body>, digest: &Digest) {
    set(answer, CONTENT_DIGEST, digest.as_str());
    set(answer, header::ETAG, &etag(digest));
}
