//! One blob on its way into a registry, by whichever strategy is right there. Dropped, it closes its
//! connection; the registry discards what it got.

use super::after::{After, Arrival, Broken, Cleared, Rest};
use super::sending::Sending;
use super::session::Session;
use super::strategy::{Form, Part, Strategy};
use crate::failure::{Code, Failure, Fallible};
use crate::oci::Descriptor;
use crate::store::registry::repository::RegistryRepository;
use crate::store::registry::throttle::{Lane, Turn};
use crate::store::{Outlook, Resumed, Upload};
use async_trait::async_trait;
use bytes::Bytes;
use reqwest::StatusCode;
use std::sync::Arc;
use std::time::Duration;

/// How long giving an upload back may take, in seconds: less than a run has after a signal.
const GIVING_BACK_SECONDS_MAX: u64 = 3;

/// What proves that a blob is there when the answer to its last byte was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// That the registry says so.
    Word,
    /// Only a success: the registry has said so before, and was wrong.
    Answer,
}

/// A blob whose upload has begun.
pub(super) struct BlobUpload {
    repository: RegistryRepository,
    blob: Descriptor,
    session: Session,
    proof: Proof,
    /// Chosen when it has a turn.
    strategy: Strategy,
    /// Kept from the first byte to the last, over all requests.
    turn: Option<Arc<Turn>>,
    sending: Option<Sending>,
    /// Bytes that were handed over.
    sent_bytes: u64,
    /// Bytes that the registry acknowledged.
    kept_bytes: u64,
    after: After,
    /// Where a new token was the way on, and where a dispute was, since something was acknowledged.
    renewed_at: Option<u64>,
    disputed_at: Option<u64>,
}

impl BlobUpload {
    pub(super) fn new(
        repository: RegistryRepository,
        blob: &Descriptor,
        session: Session,
        proof: Proof,
    ) -> Self {
        let outlook = Outlook::Later { kept_bytes: 0 };
        let after = After { outlook, arrival: Arrival::Excluded, rest: Rest::Gone };
        Self {
            repository,
            blob: blob.clone(),
            session,
            proof,
            strategy: Strategy::Put,
            turn: None,
            sending: None,
            sent_bytes: 0,
            kept_bytes: 0,
            after,
            renewed_at: None,
            disputed_at: None,
        }
    }

    /// Its place in the queue, which is taken when it has none. While it waited, others may have learnt
    /// how blobs are sent.
    async fn take_turn(&mut self) -> Arc<Turn> {
        if let Some(turn) = &self.turn {
            return Arc::clone(turn);
        }
        let host = &self.repository.account.host;
        let turn = Arc::new(host.throttle.turn(Lane::Upload).await);
        self.turn = Some(Arc::clone(&turn));
        if self.sent_bytes == 0 {
            let strategy = host.lessons.strategy(self.blob.size_bytes);
            self.strategy = strategy.at_least(self.session.chunk_bytes_min);
        }
        turn
    }

    async fn hand_over(&mut self, mut piece: Bytes) -> Fallible<()> {
        let turn = self.take_turn().await;
        while !piece.is_empty() {
            let mut sending = match self.sending.take() {
                Some(sending) => sending,
                None => {
                    let part = self.strategy.part(self.sent_bytes, self.blob.size_bytes);
                    self.begin(Arc::clone(&turn), part).await
                }
            };
            let room_bytes = usize::try_from(sending.room_bytes()).unwrap_or(usize::MAX);
            if room_bytes == 0 {
                return Err(sending.asked.failure(Code::Internal, "more bytes than the blob may have"));
            }
            let part = piece.split_to(room_bytes.min(piece.len()));
            self.sent_bytes += part.len() as u64;
            sending.write(part).await?;
            match sending.room_bytes() == 0 && self.sent_bytes < self.blob.size_bytes {
                true => self.end(sending).await?,
                false => self.sending = Some(sending),
            }
        }
        Ok(())
    }

    /// Begins a request. Another than the first asks for its right to be made.
    async fn begin(&self, turn: Arc<Turn>, part: Part) -> Sending {
        let RegistryRepository { account, scopes, .. } = &self.repository;
        let url = match part.form {
            Form::Put => self.session.closing_url(&self.blob.digest),
            Form::Chunk | Form::Stream => self.session.url().clone(),
        };
        if part.start > 0 {
            turn.again().await;
        }
        Sending::start(account, scopes, turn, url, part)
    }

    /// Ends a request whose bytes were all handed over. Whatever `Range` a success has: all was taken,
    /// since registries err in it, and the digest has the last word.
    async fn end(&mut self, sending: Sending) -> Fallible<()> {
        let part = sending.part;
        let hashed_bytes = if part.form == Form::Put { self.blob.size_bytes } else { part.length() };
        let (asked, answer) = sending.finish(hashed_bytes).await?;
        if part.form != Form::Put {
            self.session.moved(&asked, &answer)?;
        }
        self.kept_bytes = part.end;
        (self.renewed_at, self.disputed_at) = (None, None);
        Ok(())
    }

    async fn close(&mut self) -> Fallible<()> {
        let turn = self.take_turn().await;
        let is_closed = match self.sending.take() {
            Some(sending) => {
                let form = sending.part.form;
                self.end(sending).await?;
                form == Form::Put
            }
            None => false,
        };
        if !is_closed {
            let closing = self.begin(turn, Part::closing(self.blob.size_bytes)).await;
            self.end(closing).await?;
        }
        self.turn = None;
        Ok(())
    }

    /// Notes what can be done about a failure, and gives back what others may use.
    fn broken(&mut self, mut failure: Box<Failure>) -> Box<Failure> {
        (self.sending, self.turn) = (None, None);
        let status = failure.http.as_ref().and_then(|http| http.status);
        let lessons = &self.repository.account.host.lessons;
        let cleared = match lessons.learn(self.strategy, &self.blob, self.sent_bytes, &failure) {
            // A broken connection may want its pause all the same.
            Some(_) if status.is_some() => Cleared::Way,
            _ if session_is_lost(status, &failure) => Cleared::Session,
            // The authority has another token; that helps once.
            _ if status == Some(401)
                && failure.retryable()
                && self.strategy != Strategy::Put
                && self.renewed_at.replace(self.kept_bytes) != Some(self.kept_bytes) =>
            {
                Cleared::Right
            }
            _ => Cleared::No,
        };
        if cleared == Cleared::Session || status == Some(StatusCode::RANGE_NOT_SATISFIABLE.as_u16()) {
            // A new session may do, or another offset.
            failure.code = Code::ServerError;
        }
        let broken = Broken {
            strategy: self.strategy,
            status,
            size_bytes: self.blob.size_bytes,
            sent_bytes: self.sent_bytes,
            kept_bytes: self.kept_bytes,
            cleared,
        };
        self.after = broken.after();
        failure
    }

    /// The offset to go on with, if the session can be gone on with.
    async fn offset(&mut self) -> Fallible<Option<u64>> {
        if self.after.rest == Rest::Gone {
            return Ok(None);
        }
        let RegistryRepository { account, scopes, .. } = &self.repository;
        let (kept_bytes, sent_bytes) = (self.kept_bytes, self.sent_bytes);
        let Some(offset) = self.session.wanted_from(account, scopes, kept_bytes, sent_bytes).await? else {
            return Ok(None);
        };
        // What it says it wants, it has refused before.
        let is_refused =
            self.after.rest == Rest::Disputed && self.disputed_at.replace(offset) == Some(offset);
        let is_torn = self.strategy == Strategy::Stream && offset < self.blob.size_bytes;
        Ok((!is_refused && !is_torn).then_some(offset))
    }
}

#[async_trait]
impl Upload for BlobUpload {
    async fn open(&mut self) -> Fallible<()> {
        self.take_turn().await;
        Ok(())
    }

    async fn write(&mut self, piece: Bytes) -> Fallible<()> {
        match self.hand_over(piece).await {
            Ok(()) => Ok(()),
            Err(failure) => Err(self.broken(failure)),
        }
    }

    async fn commit(&mut self) -> Fallible<()> {
        match self.close().await {
            Ok(()) => Ok(()),
            Err(failure) => Err(self.broken(failure)),
        }
    }

    async fn give_back(self: Box<Self>) {
        let Self { repository, session, turn, sending, .. } = *self;
        // The connection of what is under way is closed first: that ends it at most registries.
        drop((sending, turn));
        let limit = Duration::from_secs(GIVING_BACK_SECONDS_MAX);
        let cancelled = session.cancel(&repository.account, &repository.scopes);
        if tokio::time::timeout(limit, cancelled).await.is_err() {
            tracing::debug!(repository = %repository.repository, "an upload could not be given back in time");
        }
    }

    fn outlook(&self) -> Outlook {
        self.after.outlook
    }

    async fn resume(&mut self) -> Fallible<Resumed> {
        let may_have_arrived = self.after.arrival == Arrival::Possible && self.proof == Proof::Word;
        if may_have_arrived && self.repository.has(&self.blob).await? {
            return Ok(Resumed::Present);
        }
        Ok(match self.offset().await? {
            Some(offset) => {
                (self.sent_bytes, self.kept_bytes) = (offset, offset);
                Resumed::At(offset)
            }
            None => Resumed::Lost,
        })
    }
}

/// Whether the upload is unknown to the registry, and not the repository or the blob at fault.
/// Distribution says 404 or 400 where it lost the state of a session.
fn session_is_lost(status: Option<u16>, failure: &Failure) -> bool {
    let said = failure.http.as_ref().and_then(|http| http.registry_code.as_deref());
    match (status, said) {
        // About an offset, whatever the code.
        (Some(416), _) => false,
        (Some(_), Some("BLOB_UPLOAD_UNKNOWN" | "BLOB_UPLOAD_INVALID")) => true,
        (Some(404), _) => failure.code == Code::NotFound,
        _ => false,
    }
}
