//! One request with bytes of a blob, made while they are handed over. Holds one piece at a time.

use super::strategy::Part;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::store::registry::account::Account;
use crate::store::registry::answer::Asked;
use crate::store::registry::auth::Scopes;
use crate::store::registry::exchange::Place;
use crate::store::registry::floor::Floor;
use crate::store::registry::pace::Pace;
use crate::store::registry::throttle::Turn;
use crate::store::registry::times::{IDLE, arrival};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use reqwest::{Body, Response, StatusCode, Url};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Pieces that wait between the pump and the socket.
const PIECES_WAITING_MAX: usize = 1;
/// A request under way. Dropped, it closes the connection.
pub(super) struct Sending {
    pieces: mpsc::Sender<Bytes>,
    pace: Arc<Pace>,
    floor: Floor,
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
        Self { pieces, pace, floor: Floor::default(), answer, asked, part, sent_bytes: 0 }
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
        let (start, bytes) = (Instant::now(), piece.len());
        match tokio::time::timeout(IDLE, self.pieces.send(piece)).await {
            Ok(Ok(())) => {}
            // The request is over before all bytes were taken: its answer says why.
            Ok(Err(_)) => {
                return match (&mut self.answer.0).await {
                    Ok(Err(failure)) => Err(failure),
                    _ => Err(self.stalled("the target answered before it had all bytes")),
                };
            }
            Err(_) => {
                return Err(self.stalled(&format!("the target took no bytes for {} s", IDLE.as_secs())));
            }
        }
        let slow = self.floor.passed(bytes, start.elapsed());
        slow.map_err(|too_slow| self.stalled(&format!("the target took the body {too_slow}")))
    }

    /// Waits for the answer, which may take longer when the registry has `hashed_bytes` to hash. It is
    /// a success.
    pub(super) async fn finish(self, hashed_bytes: u64) -> Fallible<(Asked, Response)> {
        let Self { pieces, mut answer, asked, .. } = self;
        drop(pieces);
        let within = arrival(hashed_bytes);
        let stalled = |message: &str| asked.failure(Code::Timeout, message);
        match tokio::time::timeout(within, &mut answer.0).await {
            Ok(Ok(answered)) => Ok((asked, answered?)),
            Ok(Err(_)) => Err(stalled("the upload was aborted")),
            Err(_) => Err(stalled(&format!("no answer within {} s after the last byte", within.as_secs()))),
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
    let response = account.sent(&turn, &asked, Place::Home, Duration::MAX, request.send()).await?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::registry::upload::strategy::Strategy;
    use reqwest::Method;
    use std::time::Duration;

    /// A request under way whose bytes go to whoever reads them, and which is never answered.
    fn unanswered(size_bytes: u64) -> (Sending, mpsc::Receiver<Bytes>) {
        let (pieces, taken) = mpsc::channel(PIECES_WAITING_MAX);
        let url = Url::parse("https://r.test/v2/a/blobs/uploads/1").expect("a URL");
        let (operation, method) = (Operation::BlobPut, Method::PUT);
        let asked = Asked { operation, repository: "r.test/a".into(), method, url, credential: None };
        let answer = AbortOnDrop(tokio::spawn(std::future::pending()));
        let (pace, part) = (Arc::new(Pace::new(None)), Strategy::Put.part(0, size_bytes));
        (Sending { pieces, pace, floor: Floor::default(), answer, asked, part, sent_bytes: 0 }, taken)
    }

    /// Hands pieces of `bytes` over, one of which is taken every `seconds`: how many went, and how it ended.
    async fn sent(bytes: usize, seconds: u64, pieces: usize) -> (usize, Option<Box<Failure>>) {
        let (mut sending, mut taken) = unanswered(1 << 40);
        let reader = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                if taken.recv().await.is_none() {
                    return;
                }
            }
        });
        for number in 0..pieces {
            if let Err(failure) = sending.write(Bytes::from(vec![0; bytes])).await {
                reader.abort();
                return (number, Some(failure));
            }
        }
        reader.abort();
        (pieces, None)
    }

    #[tokio::test(start_paused = true)]
    async fn a_target_that_takes_nothing_any_more_is_given_up_after_a_minute() {
        let start = Instant::now();
        let (mut sending, _nobody_reads) = unanswered(100);
        sending.write(Bytes::from_static(b"one waits")).await.expect("there is room for one");
        let failure = sending.write(Bytes::from_static(b"two")).await.expect_err("nobody takes it");
        assert_eq!((failure.code, start.elapsed()), (Code::Timeout, IDLE));
        assert!(failure.retryable() && failure.message.contains("took no bytes for 60 s"), "{failure}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_target_that_takes_little_is_given_up_and_a_slow_one_is_not() {
        let (went, failure) = sent(1000, 50, 1000).await;
        let failure = failure.expect("twenty bytes a second are too few");
        assert!(failure.retryable() && failure.message.contains("bytes a second"), "{failure}");
        assert!(went < 10, "{went}");
        let (went, failure) = sent(10_000, 1, 1000).await;
        assert_eq!((went, failure), (1000, None), "ten thousand bytes a second are slow");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_waited_for_the_longer_the_more_there_is_to_hash() {
        for (bytes, seconds) in [(0, 120), (2_000_000_000, 220), (1 << 60, 900)] {
            let (sending, _taken) = unanswered(bytes);
            let start = Instant::now();
            let failure = sending.finish(bytes).await.expect_err("it is never answered");
            assert_eq!((failure.code, start.elapsed().as_secs()), (Code::Timeout, seconds));
        }
    }
}
