//! The bytes of a blob, as one stream: where the source breaks off, the rest is asked for from the byte
//! that was reached. Whoever reads does not notice; whoever hashes has the last word.

pub(super) mod glance;
mod patience;
pub(super) mod pieces;
pub(super) mod ranges;
mod wanted;

use super::account::Account;
use super::auth::Scopes;
use super::exchange::{Answer, Call};
use crate::failure::{Code, Failure, Fallible, Tried};
use crate::store::BlobStream;
use bytes::{Buf as _, Bytes};
use futures::{StreamExt as _, stream};
use patience::{End, GAP_SECONDS_MAX, Patience};
use pieces::Pieces;
use ranges::Parted;
use reqwest::header::RANGE;
use std::sync::Arc;
use std::time::Duration;
use wanted::{Placed, Wanted};

/// Who is asked for a blob, and how.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) account: Arc<Account>,
    pub(super) scopes: Scopes,
    /// The GET of the whole blob.
    pub(super) call: Call,
}

/// The bytes of a blob from `start` on, without the end that it may not have.
///
/// # Errors
/// The blob is not there, or was asked for as often as that is worth, or another one came.
pub(super) async fn open(origin: Origin, size_bytes: u64, start: u64) -> Fallible<BlobStream> {
    if start >= size_bytes {
        return Ok(stream::empty().boxed());
    }
    let wanted = Wanted { start, end: size_bytes, size_bytes };
    if origin.account.host.ranges.help(&wanted) {
        let parted = Parted::begin(origin, wanted).await?;
        return Ok(stream::try_unfold(parted, |mut parted| async move {
            let piece = parted.next().await?;
            Ok(piece.map(|piece| (piece, parted)))
        })
        .boxed());
    }
    let body = Body::begin(origin, wanted).await?;
    Ok(stream::try_unfold(body, |mut body| async move {
        let piece = body.next().await?;
        Ok(piece.map(|piece| (piece, body)))
    })
    .boxed())
}

impl Origin {
    fn call(&self, wanted: &Wanted) -> Call {
        let mut call = self.call.clone();
        call.headers.extend(wanted.header().map(|range| (RANGE, range)));
        call
    }
}

/// A blob, or a part of it, on its way.
struct Body {
    origin: Origin,
    /// What is still to come.
    rest: Wanted,
    patience: Patience,
    /// The answer that is being read; none while another one is asked for.
    part: Option<Part>,
}

impl Body {
    async fn begin(origin: Origin, wanted: Wanted) -> Fallible<Self> {
        let answer = origin.account.answer(&origin.call(&wanted), &origin.scopes).await?;
        let part = Part::of(answer, &wanted)?;
        Ok(Self { origin, rest: wanted, patience: Patience::new(wanted.start), part: Some(part) })
    }

    /// Whether the whole blob comes, although a part of it was asked for.
    fn is_whole(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.placed == Placed::Whole)
    }

    /// The next piece; none when everything has come.
    async fn next(&mut self) -> Fallible<Option<Bytes>> {
        let piece = match self.read().await {
            Ok(piece) => piece,
            Err(broken) => Some(self.mend(broken).await?),
        };
        self.rest.start += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Ok(piece)
    }

    /// The next piece of the answer that is there.
    async fn read(&mut self) -> Fallible<Option<Bytes>> {
        let Some(part) = &mut self.part else { return Ok(None) };
        let Wanted { start, end, size_bytes } = self.rest;
        if start == end && part.placed == Placed::Whole {
            return Ok(None);
        }
        let piece = match part.next().await {
            Ok(piece) => piece,
            // Everything is there: whoever hashes it will say whether it is right.
            Err(_) if start == end => None,
            Err(broken) => return Err(broken),
        };
        match piece {
            Some(mut piece) if part.placed == Placed::Whole => {
                piece.truncate(usize::try_from(end - start).unwrap_or(usize::MAX));
                Ok(Some(piece))
            }
            Some(piece) if piece.len() as u64 > end - start => {
                let message = format!("the blob goes on after its {size_bytes} bytes");
                Err(part.pieces.asked.failure(Code::Corrupt, message))
            }
            None if start < end => {
                // A connection that was cut looks like this where no length was announced.
                let message = format!("the body ended after {start} of {size_bytes} bytes");
                Err(part.pieces.asked.failure(Code::Network, message))
            }
            piece => Ok(piece),
        }
    }

    /// The first piece of the rest, which is asked for after a break as often as it is worth.
    async fn mend(&mut self, broken: Box<Failure>) -> Fallible<Bytes> {
        let mut last = broken;
        let gap = Duration::from_secs(GAP_SECONDS_MAX);
        match tokio::time::timeout(gap, self.rest_after(&mut last)).await {
            Ok(Some(piece)) => Ok(piece),
            Ok(None) | Err(_) => Err(last),
        }
    }

    async fn rest_after(&mut self, last: &mut Box<Failure>) -> Option<Bytes> {
        loop {
            // The connection and the place among the requests are given back before anything is waited for.
            self.part = None;
            let (attempt, wait) = match self.patience.wait(self.rest.start, last, fastrand::f64()) {
                Ok(next) => next,
                Err(end) => {
                    if end == End::Exhausted {
                        last.tried = Tried::Enough;
                    }
                    return None;
                }
            };
            self.origin.account.wait(attempt, wait, last).await;
            match self.ask_again().await {
                Ok(piece) => return piece,
                Err(failure) if failure.retryable() => *last = failure,
                Err(failure) => {
                    // The whole may still be had: what broke off is what went wrong.
                    last.message = format!("{}; its rest cannot be had: {}", last.message, failure.message);
                    return None;
                }
            }
        }
    }

    /// One attempt.
    async fn ask_again(&mut self) -> Fallible<Option<Bytes>> {
        let call = self.origin.call(&self.rest);
        let part = Part::of(self.origin.account.once(&call, &self.origin.scopes).await?, &self.rest)?;
        if part.skipped_bytes > 0 && !self.patience.rereads() {
            let message = "the server sends the whole blob where a part is asked for";
            return Err(part.pieces.asked.failure(Code::Protocol, message));
        }
        self.part = Some(part);
        self.read().await
    }
}

/// One answer on its way.
struct Part {
    pieces: Pieces,
    placed: Placed,
    /// Bytes that come before those that were asked for.
    skipped_bytes: u64,
}

impl Part {
    fn of(answer: Answer, wanted: &Wanted) -> Fallible<Self> {
        let Answer { response, asked, .. } = &answer;
        let placed = wanted.placed(response.status(), response.headers(), response.content_length());
        let skipped_bytes = match &placed {
            Placed::Asked => 0,
            Placed::Whole => wanted.start,
            Placed::Elsewhere(why) => return Err(asked.failure(Code::Corrupt, why)),
        };
        Ok(Self { pieces: Pieces::of(answer), placed, skipped_bytes })
    }

    /// The next piece that was asked for and has any bytes.
    async fn next(&mut self) -> Fallible<Option<Bytes>> {
        while let Some(mut piece) = self.pieces.next().await? {
            let skipped = self.skipped_bytes.min(piece.len() as u64);
            self.skipped_bytes -= skipped;
            // No longer than the piece.
            piece.advance(skipped as usize);
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}
