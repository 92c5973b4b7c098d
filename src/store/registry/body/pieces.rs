//! The pieces of a body as they come, at the pace of its registry. Gives up a body that stands still or
//! only drips.

use crate::failure::{Code, Fallible};
use crate::store::registry::answer::Asked;
use crate::store::registry::exchange::Answer;
use crate::store::registry::floor::Floor;
use crate::store::registry::pace::Pace;
use crate::store::registry::throttle::Turn;
use crate::store::registry::times::IDLE;
use bytes::Bytes;
use reqwest::Response;
use std::sync::Arc;
use tokio::time::Instant;

/// The body of an answer. Its place among the requests of its registry is given back with it.
pub(in crate::store::registry) struct Pieces {
    pub(in crate::store::registry) asked: Asked,
    flow: Flow,
    pace: Arc<Pace>,
    /// Nothing more is read before.
    next_at: Option<Instant>,
    _turn: Turn,
}

/// A body without a pace.
struct Flow {
    response: Response,
    floor: Floor,
}

impl Pieces {
    /// The body that follows the head of an answer.
    pub(in crate::store::registry) fn of(answer: Answer) -> Self {
        let Answer { response, asked, turn, pace } = answer;
        let flow = Flow { response, floor: Floor::default() };
        Self { asked, flow, pace, next_at: None, _turn: turn }
    }

    /// The next piece; none at the end.
    pub(in crate::store::registry) async fn next(&mut self) -> Fallible<Option<Bytes>> {
        if let Some(at) = self.next_at.take() {
            tokio::time::sleep_until(at).await;
        }
        let piece = self.flow.next(&self.asked).await?;
        self.next_at = piece.as_ref().and_then(|piece| self.pace.passed(piece.len()));
        Ok(piece)
    }
}

impl Flow {
    async fn next(&mut self, asked: &Asked) -> Fallible<Option<Bytes>> {
        let start = Instant::now();
        let piece = match tokio::time::timeout(IDLE, self.response.chunk()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) => return Err(asked.broken(&error)),
            Err(_) => {
                let message = format!("the body stood still for {} s", IDLE.as_secs());
                return Err(asked.failure(Code::Timeout, message));
            }
        };
        let bytes = piece.as_ref().map_or(0, Bytes::len);
        match self.floor.passed(bytes, start.elapsed()) {
            Err(too_slow) if piece.is_some() => {
                Err(asked.failure(Code::Timeout, format!("the body came {too_slow}")))
            }
            _ => Ok(piece),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Operation;
    use futures::{Stream, StreamExt as _, stream};
    use reqwest::{Method, Url};
    use std::time::Duration;

    fn asked() -> Asked {
        Asked {
            operation: Operation::BlobGet,
            repository: "r.test/a".into(),
            method: Method::GET,
            url: Url::parse("https://r.test/v2/a/blobs/x").expect("a URL"),
            credential: None,
        }
    }

    fn flow(pieces: impl Stream<Item = &'static str> + Send + Sync + 'static) -> Flow {
        let body = reqwest::Body::wrap_stream(pieces.map(Ok::<_, std::io::Error>));
        Flow { response: http::Response::new(body).into(), floor: Floor::default() }
    }

    fn every(seconds: u64, pieces: &'static [&'static str]) -> impl Stream<Item = &'static str> {
        stream::iter(pieces).then(move |piece| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            *piece
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stands_still_is_given_up_and_a_slow_one_is_not() {
        let mut flow = flow(every(IDLE.as_secs() - 1, &["a", "b"]).chain(stream::pending()));
        for expected in ["a", "b"] {
            let piece = flow.next(&asked()).await.expect("slow is not still");
            assert_eq!(piece.as_deref(), Some(expected.as_bytes()));
        }
        let failure = flow.next(&asked()).await.expect_err("it stands still");
        assert_eq!(failure.code, Code::Timeout);
        assert!(failure.retryable() && failure.message.contains("stood still"), "{failure}");
    }

    #[tokio::test(start_paused = true)]
    async fn s46_a_byte_a_second_is_given_up() {
        let began = Instant::now();
        let mut dripping = flow(stream::repeat("x").then(|piece| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            piece
        }));
        let mut bytes = 0;
        let failure = loop {
            match dripping.next(&asked()).await {
                Ok(piece) => bytes += piece.map_or(0, |piece| piece.len()),
                Err(failure) => break failure,
            }
        };
        assert_eq!((failure.code, bytes), (Code::Timeout, 119));
        assert_eq!(began.elapsed(), Duration::from_secs(120), "by a clock that nobody waits for");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_given_up_and_one_that_ends_is_not() {
        let mut dripping = flow(every(50, &["a", "b", "c"]));
        let mut came = Vec::new();
        let failure = loop {
            match dripping.next(&asked()).await {
                Ok(piece) => came.extend(piece),
                Err(failure) => break failure,
            }
        };
        assert_eq!(came, ["a", "b"]);
        assert!(failure.retryable() && failure.message.contains("bytes a second"), "{failure}");
        let mut ending = flow(every(50, &["a", "b"]).chain(every(50, &[])));
        while ending.next(&asked()).await.expect("it ended in time").is_some() {}
    }
}
