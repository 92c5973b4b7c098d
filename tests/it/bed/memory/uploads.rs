//! Writing blobs: sessions, pieces, the final PUT, and mounts.

use super::Request;
use super::answer::Answer;
use super::body::{Dropped, Receiving};
use super::errors::{digest_invalid, error, upload_unknown};
use super::options::{Cuts, Storage};
use super::personality::{Appends, Lengths, Locations, Mounts, Offsets, Ranges};
use super::server::Shared;
use crate::bed::digest::{hex, is_digest, matches};
use crate::bed::images::{Blob, BlobBytes};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// The uploads that are open, by id.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: BTreeMap<String, Session>,
    ever: u64,
}

/// One upload.
#[derive(Debug, Clone)]
struct Session {
    repository: String,
    size_bytes: u64,
    /// Bytes of the first piece.
    first_bytes: Option<u64>,
    received: Received,
}

#[derive(Debug, Clone)]
enum Received {
    Kept(Vec<u8>),
    Hashed(Sha256),
}

/// `POST …/blobs/uploads/`. distribution-spec, "Pushing blobs" and "Mounting a blob".
pub(super) fn start(shared: &Shared, request: &Request, name: &str) -> Answer {
    let mounts = shared.options.traits.mounts;
    if let (Mounts::Made, Some(digest), Some(from)) = (mounts, request.query("mount"), request.query("from"))
    {
        let mut contents = shared.contents();
        if contents.blob_in(from, digest).is_some() {
            contents.mount(name, from, digest);
            return created(shared, name, digest);
        }
    }
    let received = Received::new(shared);
    let session = Session { repository: name.to_owned(), size_bytes: 0, first_bytes: None, received };
    let mut sessions = shared.sessions();
    sessions.ever += 1;
    let id = format!("upload-{}", sessions.ever);
    let answer = session.answer(shared, 202, &id);
    sessions.open.insert(id, session);
    answer
}

/// `GET …/blobs/uploads/…`: how much is there.
pub(super) fn progress(shared: &Shared, name: &str, id: &str) -> Answer {
    match shared.sessions().open.get(id) {
        Some(session) if session.repository == name => session.answer(shared, 204, id),
        _ => upload_unknown(),
    }
}

/// `DELETE …/blobs/uploads/…`: gives up.
pub(super) fn cancel(shared: &Shared, name: &str, id: &str) -> Answer {
    match take(shared, name, id) {
        Some(_) => Answer::empty(204),
        None => upload_unknown(),
    }
}

/// `PATCH …/blobs/uploads/…`: the next piece.
pub(super) async fn append(
    shared: &Shared,
    request: &Request,
    body: &mut Receiving,
    name: &str,
    id: &str,
) -> Result<Answer, Dropped> {
    let Some(mut session) = take(shared, name, id) else {
        body.drain().await?;
        return Ok(upload_unknown());
    };
    let uploads = shared.options.traits.uploads;
    if let Some(refused) = refused_piece(shared, request, &session) {
        body.drain().await?;
        shared.sessions().open.insert(id.to_owned(), session);
        return Ok(refused);
    }
    if uploads.appends == Appends::Lost && request.header("content-range").is_some() {
        (session.size_bytes, session.received) = (0, Received::new(shared));
    }
    let before = (shared.options.cuts == Cuts::Forgotten).then(|| session.clone());
    let received = session.receive(body).await;
    let after_cut = match shared.options.cuts {
        // A session whose piece is cut short is gone, as in distribution: it is put back only below.
        Cuts::Fatal => None,
        Cuts::Forgotten => before,
        Cuts::Kept => Some(session.clone()),
    };
    if let (Err(_), Some(session)) = (&received, after_cut) {
        shared.sessions().open.insert(id.to_owned(), session);
    }
    received?;
    session.first_bytes.get_or_insert(session.size_bytes);
    let answer = session.answer(shared, 202, id);
    shared.sessions().open.insert(id.to_owned(), session);
    Ok(answer)
}

/// `PUT …/blobs/uploads/…`: the last piece, and the digest of all.
pub(super) async fn finish(
    shared: &Shared,
    request: &Request,
    body: &mut Receiving,
    name: &str,
    id: &str,
) -> Result<Answer, Dropped> {
    let Some(mut session) = take(shared, name, id) else {
        body.drain().await?;
        return Ok(upload_unknown());
    };
    let before = session.size_bytes;
    session.receive(body).await?;
    if shared.is_full.load(Ordering::SeqCst) {
        return Ok(shared.options.traits.full.answer(name, ""));
    }
    if shared.options.traits.uploads.put_bytes_max.is_some_and(|most| session.size_bytes - before > most) {
        return Ok(Answer::bytes(413, "<html>413 Request Entity Too Large</html>"));
    }
    let digest = request.query("digest").unwrap_or_default();
    if !is_digest(digest) {
        return Ok(digest_invalid(json!("digest missing or malformed")));
    }
    if !session.matches(digest) {
        shared.sessions().open.insert(id.to_owned(), session);
        return Ok(digest_invalid(json!({ "Digest": digest, "Reason": {} })));
    }
    let bytes = match session.received {
        Received::Kept(bytes) => BlobBytes::Held(bytes.into()),
        Received::Hashed(_) => BlobBytes::Forgotten,
    };
    let blob = Blob { digest: digest.to_owned(), size_bytes: session.size_bytes, bytes };
    shared.contents().put_blob(name, blob);
    Ok(created(shared, name, digest))
}

/// Why a piece is not taken, from its head.
fn refused_piece(shared: &Shared, request: &Request, session: &Session) -> Option<Answer> {
    let uploads = shared.options.traits.uploads;
    if let Some(refusal) = uploads.patch {
        return Some(refusal.answer(&session.repository, ""));
    }
    let length = request.header("content-length").and_then(|length| length.parse::<u64>().ok());
    if length.is_none() && uploads.lengths == Lengths::Said {
        return Some(error(400, "CONTENT_LENGTH_INVALID", "content length is missing", Value::Null));
    }
    let range = request.header("content-range")?;
    let too_long = uploads.patch_bytes_max.is_some_and(|most| length.is_some_and(|length| length > most));
    let start = range.trim_start_matches("bytes ").split('-').next().and_then(|start| start.parse().ok());
    let misplaced = uploads.offsets == Offsets::Checked && start != Some(session.size_bytes);
    (too_long || misplaced).then(|| {
        let message = if too_long { "request body is too large" } else { "range is not satisfiable" };
        error(416, "BLOB_UPLOAD_INVALID", message, Value::Null)
    })
}

fn take(shared: &Shared, name: &str, id: &str) -> Option<Session> {
    let mut sessions = shared.sessions();
    sessions.open.get(id).filter(|session| session.repository == name)?;
    sessions.open.remove(id)
}

fn created(shared: &Shared, name: &str, digest: &str) -> Answer {
    Answer::empty(201)
        .header("location", format!("{}/v2/{name}/blobs/{digest}", shared.origin()))
        .header("docker-content-digest", digest)
}

impl Received {
    fn new(shared: &Shared) -> Self {
        match shared.options.storage {
            Storage::Kept => Self::Kept(Vec::new()),
            Storage::Hashed => Self::Hashed(Sha256::new()),
        }
    }
}

impl Sessions {
    /// How many uploads are open.
    pub(super) fn count(&self) -> usize {
        self.open.len()
    }
}

impl Session {
    async fn receive(&mut self, body: &mut Receiving) -> Result<(), Dropped> {
        while let Some(piece) = body.next().await? {
            self.size_bytes += piece.len() as u64;
            match &mut self.received {
                Received::Kept(bytes) => bytes.extend_from_slice(&piece),
                Received::Hashed(hasher) => hasher.update(&piece),
            }
        }
        Ok(())
    }

    fn matches(&self, digest: &str) -> bool {
        match &self.received {
            Received::Kept(bytes) => matches(digest, bytes),
            Received::Hashed(hasher) => format!("sha256:{}", hex(&hasher.clone().finalize())) == digest,
        }
    }

    fn answer(&self, shared: &Shared, status: u16, id: &str) -> Answer {
        let path = format!("/v2/{}/blobs/uploads/{id}", self.repository);
        let uploads = shared.options.traits.uploads;
        let location = match uploads.locations {
            Locations::Absolute => format!("{}{path}?_state=offset-{}", shared.origin(), self.size_bytes),
            Locations::Relative => format!("{path}?_state=offset-{}", self.size_bytes),
            Locations::Bare => path,
            Locations::Schemeless => {
                format!("//{}{path}?_state=offset-{}", shared.address, self.size_bytes)
            }
        };
        let told = match uploads.ranges {
            Ranges::True => self.size_bytes,
            Ranges::Stuck => self.first_bytes.unwrap_or_default(),
        };
        Answer::empty(status)
            .header("location", location)
            .header("range", format!("0-{}", told.saturating_sub(1)))
            .header("docker-upload-uuid", id)
    }
}
