//! Writing to a repository: blobs by mount or streaming PUT, and manifests.

use super::account::Account;
use super::auth::Scopes;
use super::exchange::{Call, IDLE_SECONDS_MAX};
use super::redirect::session_url;
use super::repository::RegistryRepository;
use super::throttle::{Lane, Turn};
use crate::failure::{Class, Code, Failure, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, RawManifest, Repository};
use crate::store::{Begun, Upload, Writer};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Method, StatusCode, Url};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Most bytes that are read of the answer to a manifest.
const RECEIPT_BYTES_MAX: usize = 1 << 20;
/// Pieces that wait between the pump and the socket.
const PIECES_WAITING_MAX: usize = 1;
/// How long the answer to a finished upload may take: a registry hashes what it got first.
const COMMIT_SECONDS_MIN: u64 = 120;
/// For each so many bytes a second more,
const COMMIT_BYTES_PER_SECOND: u64 = 20_000_000;
/// but no longer than this.
const COMMIT_SECONDS_MAX: u64 = 900;

#[async_trait]
impl Writer for RegistryRepository {
    async fn begin(&self, blob: &Descriptor, elsewhere: Option<&Repository>) -> Fallible<Begun> {
        if !self.account.host.mounts() {
            return self.head_or_post(blob).await;
        }
        let asked = match self.post_mount(blob, elsewhere).await {
            // Rights on the other repository may be what is missing: ask without it.
            Err(failure) if elsewhere.is_some() && failure.code.class() == Class::Denied => {
                self.post_mount(blob, None).await?
            }
            asked => asked?,
        };
        match asked {
            Some(begun) => Ok(begun),
            None => {
                let begun = self.head_or_post(blob).await?;
                self.account.host.fails_to_mount();
                Ok(begun)
            }
        }
    }

    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<()> {
        let mut call = self.manifest_call(Operation::ManifestPut, Method::PUT, at);
        let media_type = HeaderValue::from_str(manifest.media_type.as_str()).map_err(|_| {
            Failure::new(Code::Internal, &self.repository, Operation::ManifestPut, "bad media type")
        })?;
        call.headers.insert(CONTENT_TYPE, media_type);
        call.body = manifest.bytes.clone();
        let answer = self.account.document(&call, &self.scopes, RECEIPT_BYTES_MAX).await?;
        let stored = answer.headers.get("docker-content-digest").and_then(|value| value.to_str().ok());
        match stored.and_then(|text| text.parse::<Digest>().ok()) {
            Some(stored) if stored != manifest.digest => {
                let message =
                    format!("the target stored the manifest as {stored} instead of {}", manifest.digest);
                Err(answer.asked.failure(Code::Corrupt, message))
            }
            _ => Ok(()),
        }
    }
}

impl RegistryRepository {
    /// Asks for a mount: done when the blob is there, and otherwise the start of an upload.
    ///
    /// distribution-spec, "Mounting a blob from another repository". A repository is asked to mount
    /// from itself when nothing better is known: registries that hold the blob there say so, which
    /// saves the HEAD before the upload. None when the registry refuses to be asked like that.
    async fn post_mount(&self, blob: &Descriptor, elsewhere: Option<&Repository>) -> Fallible<Option<Begun>> {
        let (other, scopes) = match elsewhere {
            Some(Repository::Registry { path, .. }) => (path, self.scopes.clone().and_pull(path)),
            _ => (&self.path, self.scopes.clone()),
        };
        let mut call = self.upload_call();
        call.url
            .query_pairs_mut()
            .append_pair("mount", blob.digest.as_str())
            .append_pair("from", other.as_str());
        call.expected = &[
            StatusCode::BAD_REQUEST,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::UNPROCESSABLE_ENTITY,
        ];
        let answer = self.account.answer(&call, &scopes).await?;
        match answer.response.status() {
            StatusCode::CREATED if elsewhere.is_some() => Ok(Some(Begun::Mounted)),
            StatusCode::CREATED => Ok(Some(Begun::Present)),
            StatusCode::ACCEPTED => {
                if elsewhere.is_some() {
                    // The other repository has it: whoever does not mount it, never mounts.
                    self.account.host.fails_to_mount();
                }
                let url = session_url(&answer.asked, &call.url, &answer.response)?;
                Ok(Some(self.session(blob, url)))
            }
            _ => Ok(None),
        }
    }

    /// Looks for the blob, and starts an upload where it is not there: for registries that refuse
    /// to be asked for a mount, which would tell both at once.
    async fn head_or_post(&self, blob: &Descriptor) -> Fallible<Begun> {
        let url = self.account.host.url(&format!("/v2/{}/blobs/{}", self.path, blob.digest));
        let mut call = Call::new(Operation::BlobHead, Method::HEAD, url);
        // Where HEAD is unknown, or leads to a host that refuses it, the blob is sent.
        call.expected = &[
            StatusCode::BAD_REQUEST,
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::NOT_IMPLEMENTED,
        ];
        let answer = self.account.document(&call, &self.scopes, 0).await?;
        match answer.status.is_success() {
            true => Ok(Begun::Present),
            false => self.post_plain(blob).await,
        }
    }

    /// Starts an upload and nothing else.
    async fn post_plain(&self, blob: &Descriptor) -> Fallible<Begun> {
        let call = self.upload_call();
        let answer = self.account.answer(&call, &self.scopes).await?;
        let url = session_url(&answer.asked, &call.url, &answer.response)?;
        Ok(self.session(blob, url))
    }

    fn upload_call(&self) -> Call {
        let url = self.account.host.url(&format!("/v2/{}/blobs/uploads/", self.path));
        Call::new(Operation::UploadStart, Method::POST, url)
    }

    /// The upload whose bytes go to `url`. The digest is added to the query that is there: it holds
    /// the session's state (distribution-spec, "POST then PUT").
    fn session(&self, blob: &Descriptor, mut url: Url) -> Begun {
        url.query_pairs_mut().append_pair("digest", blob.digest.as_str());
        Begun::Upload(Box::new(StreamingPut {
            account: self.account.clone(),
            scopes: self.scopes.clone(),
            url,
            size_bytes: blob.size_bytes,
            under_way: None,
        }))
    }
}

/// One PUT with all the bytes of a blob, made while they arrive. Dropped, it closes the connection,
/// and the registry discards what it got.
struct StreamingPut {
    account: Arc<Account>,
    scopes: Scopes,
    url: Url,
    size_bytes: u64,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    pieces: mpsc::Sender<Bytes>,
    answer: AbortOnDrop,
}

struct AbortOnDrop(JoinHandle<Fallible<()>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[async_trait]
impl Upload for StreamingPut {
    async fn open(&mut self) -> Fallible<()> {
        if self.under_way.is_some() {
            return Ok(());
        }
        let turn = self.account.host.throttle.turn(Lane::Upload).await;
        let (pieces, waiting) = mpsc::channel(PIECES_WAITING_MAX);
        let put =
            put(self.account.clone(), self.scopes.clone(), self.url.clone(), self.size_bytes, waiting, turn);
        self.under_way = Some(UnderWay { pieces, answer: AbortOnDrop(tokio::spawn(put)) });
        Ok(())
    }

    async fn write(&mut self, piece: Bytes) -> Fallible<()> {
        self.open().await?;
        let Some(UnderWay { pieces, answer }) = &mut self.under_way else {
            return Err(self.stalled("the upload could not be opened"));
        };
        let idle = Duration::from_secs(IDLE_SECONDS_MAX);
        match tokio::time::timeout(idle, pieces.send(piece)).await {
            Ok(Ok(())) => Ok(()),
            // The request is over before all bytes were taken: its answer says why.
            Ok(Err(_)) => match (&mut answer.0).await {
                Ok(Err(failure)) => Err(failure),
                _ => Err(self.stalled("the target answered before it had all bytes")),
            },
            Err(_) => Err(self.stalled(&format!("the target took no bytes for {IDLE_SECONDS_MAX} s"))),
        }
    }

    async fn commit(mut self: Box<Self>) -> Fallible<()> {
        self.open().await?;
        let Some(UnderWay { pieces, mut answer }) = self.under_way.take() else {
            return Err(self.stalled("the upload could not be opened"));
        };
        drop(pieces);
        let seconds =
            (COMMIT_SECONDS_MIN + self.size_bytes / COMMIT_BYTES_PER_SECOND).min(COMMIT_SECONDS_MAX);
        match tokio::time::timeout(Duration::from_secs(seconds), &mut answer.0).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(self.stalled("the upload was aborted")),
            Err(_) => Err(self.stalled(&format!("no answer within {seconds} s after the last byte"))),
        }
    }
}

impl StreamingPut {
    fn stalled(&self, message: &str) -> Box<Failure> {
        self.account.asked(Operation::BlobPut, &Method::PUT, &self.url).failure(Code::Timeout, message)
    }
}

/// Sends the PUT and judges its answer. There is no time limit on the whole: a blob may be of any
/// size, and whoever writes notices when nothing moves.
async fn put(
    account: Arc<Account>,
    scopes: Scopes,
    url: Url,
    size_bytes: u64,
    mut waiting: mpsc::Receiver<Bytes>,
    turn: Turn,
) -> Fallible<()> {
    let asked = account.asked(Operation::BlobPut, &Method::PUT, &url);
    // Nothing is sent before there is something to send: other targets may have to be waited for,
    // longer than this one waits for a body, and the source may yet fail. A blob without bytes is
    // sent when it is committed.
    let first = waiting.recv().await;
    if first.is_none() && size_bytes > 0 {
        return Err(asked.failure(Code::Internal, "the upload was given up before it began"));
    }
    let authorization = account.authority.header(&scopes).await?;
    let mut request = account
        .host
        .clients
        .data
        .put(url)
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_LENGTH, size_bytes);
    if let Some(authorization) = &authorization {
        request = request.header(AUTHORIZATION, authorization.value());
    }
    if size_bytes > 0 {
        let others = stream::unfold(waiting, |mut waiting| async move {
            waiting.recv().await.map(|piece| (piece, waiting))
        });
        let pieces = stream::iter(first).chain(others);
        request = request.body(Body::wrap_stream(pieces.map(Ok::<_, io::Error>)));
    }
    let response = account.sent(&turn, &asked, Duration::MAX, request.send()).await?;
    match response.status() {
        StatusCode::CREATED | StatusCode::NO_CONTENT | StatusCode::OK | StatusCode::ACCEPTED => Ok(()),
        StatusCode::UNAUTHORIZED => {
            // The token ran out between the start and the bytes: the next attempt gets another.
            let headers = response.headers().clone();
            let mut failure = asked.refused(response).await;
            account.authority.challenged(&headers, &scopes, authorization.as_ref()).await?;
            failure.code = Code::ServerError;
            Err(failure)
        }
        status => {
            let mut failure = asked.refused(response).await;
            if session_is_lost(status, &failure) {
                // A new one may do.
                failure.code = Code::ServerError;
            }
            account.heed(&turn, &failure);
            Err(failure)
        }
    }
}

/// Whether the upload is unknown to the registry, and not the repository or the blob at fault.
/// Distribution says 404 or 400 where it lost the state of a session.
fn session_is_lost(status: StatusCode, failure: &Failure) -> bool {
    let said = failure.http.as_ref().and_then(|http| http.registry_code.as_deref());
    match (status, said) {
        (_, Some("BLOB_UPLOAD_UNKNOWN" | "BLOB_UPLOAD_INVALID")) => true,
        (StatusCode::NOT_FOUND, _) => failure.code == Code::NotFound,
        (StatusCode::RANGE_NOT_SATISFIABLE, _) => true,
        _ => false,
    }
}
