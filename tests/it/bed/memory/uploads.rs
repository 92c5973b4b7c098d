//! Writing blobs: sessions, pieces, the final PUT, and mounts.

use super::Request;
use super::answer::Answer;
use super::body::{Dropped, Receiving};
use super::errors::{digest_invalid, upload_unknown};
use super::options::{Cuts, Locations, Storage};
use super::server::Shared;
use crate::bed::digest::{hex, is_digest, matches};
use crate::bed::images::{Blob, BlobBytes};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

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
    received: Received,
}

#[derive(Debug, Clone)]
enum Received {
    Kept(Vec<u8>),
    Hashed(Sha256),
}

/// `POST …/blobs/uploads/`. distribution-spec, "Pushing blobs" and "Mounting a blob".
pub(super) fn start(shared: &Shared, request: &Request, name: &str) -> Answer {
    if let (Some(digest), Some(from)) = (request.query("mount"), request.query("from")) {
        let mut contents = shared.contents();
        if contents.blob_in(from, digest).is_some() {
            contents.repository(name).blobs.insert(digest.to_owned());
            return created(shared, name, digest);
        }
    }
    let received = match shared.options.storage {
        Storage::Kept => Received::Kept(Vec::new()),
        Storage::Hashed => Received::Hashed(Sha256::new()),
    };
    let session = Session { repository: name.to_owned(), size_bytes: 0, received };
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
    body: &mut Receiving,
    name: &str,
    id: &str,
) -> Result<Answer, Dropped> {
    let Some(mut session) = take(shared, name, id) else {
        body.drain().await?;
        return Ok(upload_unknown());
    };
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
    session.receive(body).await?;
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
        let location = match shared.options.locations {
            Locations::Absolute => format!("{}{path}?_state=offset-{}", shared.origin(), self.size_bytes),
            Locations::Relative => format!("{path}?_state=offset-{}", self.size_bytes),
            Locations::Bare => path,
        };
        Answer::empty(status)
            .header("location", location)
            .header("range", format!("0-{}", self.size_bytes.saturating_sub(1)))
            .header("docker-upload-uuid", id)
    }
}
