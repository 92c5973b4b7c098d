//! One request with bytes of a blob, made while they are handed over. Holds one piece at a time.

use super::strategy::Part;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::store::registry::account::Account;
use crate::store::registry::answer::Asked;
use crate::store::registry::auth::Scopes;
use crate::store::registry::exchange::IDLE_SECONDS_MAX;
use crate::store::registry::pace::Pace;
use crate::store::registry::throttle::Turn;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use reqwest::{Body, Response, StatusCode, Url};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pieces that wait between the pump and the socket.
const PIECES_WAITING_MAX: usize = 1;
/// How long the answer may take after the last byte: a registry hashes what it got first.
const ANSWER_SECONDS_MIN: u64 = 120;
/// For each so many bytes a second more,
const ANSWER_BYTES_PER_SECOND: u64 = 20_000_000;
/// but no longer than this.
const ANSWER_SECONDS_MAX: u64 = 900;

/// A request under way. Dropped, it closes the connection.
pub(super) struct Sending {
    pieces: mpsc::Sender<Bytes>,
    pace: Arc<Pace>,
    answer: AbortOnDrop,
    pub(super) asked: Asked,
    pub(super) part: Part,
    sent_bytes: u64,
}

struct AbortOnDrop(JoinHandle<Fallible<Response>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Sending {
    /// Begins a request to `url` with the bytes of `part`.
    pub(super) fn start(
        account: &Arc<Account>,
        scopes: &Scopes,
        turn: Arc<Turn>,
        url: Url,
        part: Part,
    ) -> Self {
        let (pieces, waiting) = mpsc::channel(PIECES_WAITING_MAX);
        let asked = account.asked(Operation::BlobPut, &part.method(), &url);
        let sending = send(Arc::clone(account), scopes.clone(), turn, asked.clone(), part, waiting);
        let (pace, answer) = (Arc::clone(&account.host.pace), AbortOnDrop(tokio::spawn(sending)));
        Self { pieces, pace, answer, asked, part, sent_bytes: 0 }
    }

    /// How many bytes it still takes.
    pub(super) fn room_bytes(&self) -> u64 {
        self.part.length() - self.sent_bytes
    }

    /// Hands over the next piece, which is not longer than there is room.
    pub(super) async fn write(&mut self, piece: Bytes) -> Fallible<()> {
        self.sent_bytes += piece.len() as u64;
        for part in self.pace.parts(piece) {
            self.pace.pass(part.len()).await;
            self.hand_over(part).await?;
        }
        Ok(())
    }

    async fn hand_over(&mut self, piece: Bytes) -> Fallible<()> {
        let idle = Duration::from_secs(IDLE_SECONDS_MAX);
        match tokio::time::timeout(idle, self.pieces.send(piece)).await {
            Ok(Ok(())) => Ok(()),
            // The request is over before all bytes were taken: its answer says why.
            Ok(Err(_)) => match (&mut self.answer.0).await {
                Ok(Err(failure)) => Err(failure),
                _ => Err(self.stalled("the target answered before it had all bytes")),
            },
            Err(_) => Err(self.stalled(&format!("the target took no bytes for {IDLE_SECONDS_MAX} s"))),
        }
    }

    /// Waits for the answer, which may take longer when the registry has `hashed_bytes` to hash. It is
    /// a success.
    pub(super) async fn finish(self, hashed_bytes: u64) -> Fallible<(Asked, Response)> {
        let Self { pieces, mut answer, asked, .. } = self;
        drop(pieces);
        let seconds = (ANSWER_SECONDS_MIN + hashed_bytes / ANSWER_BYTES_PER_SECOND).min(ANSWER_SECONDS_MAX);
        let stalled = |message: &str| asked.failure(Code::Timeout, message);
        match tokio::time::timeout(Duration::from_secs(seconds), &mut answer.0).await {
            Ok(Ok(answered)) => Ok((asked, answered?)),
            Ok(Err(_)) => Err(stalled("the upload was aborted")),
            Err(_) => Err(stalled(&format!("no answer within {seconds} s after the last byte"))),
        }
    }

    fn stalled(&self, message: &str) -> Box<Failure> {
        self.asked.failure(Code::Timeout, message)
    }
}

/// Sends the request and judges its answer. There is no time limit on the whole: a blob may be of any
/// size, and whoever writes notices when nothing moves.
async fn send(
    account: Arc<Account>,
    scopes: Scopes,
    turn: Arc<Turn>,
    asked: Asked,
    part: Part,
    mut waiting: mpsc::Receiver<Bytes>,
) -> Fallible<Response> {
    // Nothing is sent before there is something to send: other targets may have to be waited for,
    // longer than this one waits for a body, and the source may yet fail.
    let first = match part.length() {
        0 => None,
        _ => waiting.recv().await,
    };
    if first.is_none() && part.length() > 0 {
        return Err(asked.failure(Code::Internal, "the upload was given up before it began"));
    }
    // Only now: a token that is valid when a request begins lets it end.
    let authorization = account.authority.header(&scopes).await?;
    let client = &account.host.clients.data;
    let mut request = client
        .request(part.method(), asked.url.clone())
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_LENGTH, part.length());
    if let Some(range) = part.content_range() {
        request = request.header(CONTENT_RANGE, range);
    }
    if let Some(authorization) = &authorization {
        request = request.header(AUTHORIZATION, authorization.value());
    }
    if part.length() > 0 {
        let others = stream::unfold(waiting, |mut waiting| async move {
            waiting.recv().await.map(|piece| (piece, waiting))
        });
        let pieces = stream::iter(first).chain(others);
        request = request.body(Body::wrap_stream(pieces.map(Ok::<_, io::Error>)));
    }
    let response = account.sent(&turn, &asked, Duration::MAX, request.send()).await?;
    match response.status() {
        StatusCode::CREATED | StatusCode::NO_CONTENT | StatusCode::OK | StatusCode::ACCEPTED => Ok(response),
        StatusCode::UNAUTHORIZED => {
            // The token ran out between the start and the bytes: the next attempt gets another.
            let headers = response.headers().clone();
            let mut failure = asked.refused(response).await;
            account.authority.challenged(&headers, &scopes, authorization.as_ref()).await?;
            failure.code = Code::ServerError;
            Err(failure)
        }
        _ => {
            let failure = asked.refused(response).await;
            account.heed(&turn, &failure);
            Err(failure)
        }
    }
}
