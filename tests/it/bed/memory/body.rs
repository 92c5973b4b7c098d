//! Bodies on their way in and out: counted, and cut, stalled or spoilt where a script says so.

use super::answer::AnswerBody;
use super::recording::Ticket;
use super::script::{End, Script};
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use std::time::Duration;
use std::{fmt, io};

/// How long bytes that were sent have to leave before the connection is closed on them.
pub(in crate::bed) const FLUSH_WAIT: Duration = Duration::from_millis(20);

/// The body of an answer.
pub(in crate::bed) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub(in crate::bed) struct Dropped;

/// The body of a request.
pub(in crate::bed) struct Receiving {
    body: Incoming,
    pub(in crate::bed) ticket: Ticket,
    pub(in crate::bed) script: Script,
    /// What comes next, when the last byte that is let in was given away.
    end: Option<End>,
}

/// Where the bytes of an answer's body come from.
pub(in crate::bed) enum Pieces {
    /// They are at hand.
    Held(AnswerBody),
    /// From a registry behind, as they come.
    Passing {
        /// The body of its answer.
        body: Incoming,
        /// What came of it and was not sent on yet.
        rest: Bytes,
    },
}

/// The body of an answer while it is sent.
struct Sending {
    pieces: Pieces,
    /// None when nobody said it.
    length_bytes: Option<u64>,
    offset: u64,
    /// Taken away with the last piece: a client that has it may be quicker than we are.
    ticket: Option<Ticket>,
    script: Script,
    is_over: bool,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dropped, as the rule says")
    }
}

impl std::error::Error for Dropped {}

impl Receiving {
    pub(in crate::bed) fn new(body: Incoming, ticket: Ticket, script: Script) -> Self {
        Self { body, ticket, script, end: None }
    }

    /// The next piece; none at the end. An error means that the connection is gone or to be closed.
    pub(in crate::bed) async fn next(&mut self) -> Result<Option<Bytes>, Dropped> {
        loop {
            match self.end {
                Some(End::Cut) => return Err(Dropped),
                Some(End::Stall) => std::future::pending().await,
                None => {}
            }
            let Some(frame) = self.body.frame().await else { return Ok(None) };
            let Ok(piece) = frame.map_err(|_| Dropped)?.into_data() else { continue };
            let received = self.ticket.received(piece.len());
            self.script.received(received);
            match self.script.request_end {
                Some((at, end)) if received > at => {
                    self.end = Some(end);
                    let before = received - piece.len() as u64;
                    return Ok(Some(piece.slice(..usize::try_from(at - before).expect("within the piece"))));
                }
                _ => return Ok(Some(piece)),
            }
        }
    }

    /// Reads to the end and forgets it.
    pub(in crate::bed) async fn drain(&mut self) -> Result<(), Dropped> {
        while self.next().await?.is_some() {}
        Ok(())
    }

    /// Reads to the end, but keeps only the first `bytes_max` bytes and one more.
    pub(in crate::bed) async fn whole(&mut self, bytes_max: usize) -> Result<Bytes, Dropped> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            let room = (bytes_max + 1).saturating_sub(bytes.len()).min(piece.len());
            bytes.extend_from_slice(&piece[..room]);
        }
        Ok(bytes.into())
    }
}

/// Sends a body; `ticket` ends when it is sent or the connection is gone.
pub(in crate::bed) fn sending(pieces: Pieces, ticket: Ticket, script: Script) -> Body {
    let length_bytes = pieces.length_bytes();
    let start = Sending { pieces, length_bytes, offset: 0, ticket: Some(ticket), script, is_over: false };
    let pieces = futures::stream::unfold(start, |mut sending| async move {
        let piece = sending.next().await?;
        Some((piece.map(Frame::data), sending))
    });
    StreamBody::new(pieces).boxed_unsync()
}

impl Pieces {
    fn length_bytes(&self) -> Option<u64> {
        match self {
            Self::Held(body) => Some(body.length_bytes()),
            Self::Passing { body, rest } => Some(body.size_hint().exact()? + rest.len() as u64),
        }
    }

    /// Some bytes from `offset` on, but none from `end` on; none where there are no more.
    async fn next(&mut self, offset: u64, end: u64) -> Option<io::Result<Bytes>> {
        match self {
            Self::Held(body) => {
                let length = body.length_bytes();
                (offset < length).then(|| Ok(body.piece(offset, length.min(end))))
            }
            Self::Passing { body, rest } => {
                while rest.is_empty() {
                    match body.frame().await?.map(Frame::into_data) {
                        Ok(Ok(data)) => *rest = data,
                        Ok(Err(_trailers)) => {}
                        Err(error) => return Some(Err(io::Error::other(error))),
                    }
                }
                let room = usize::try_from(end - offset).unwrap_or(usize::MAX);
                Some(Ok(rest.split_to(room.min(rest.len()))))
            }
        }
    }
}

impl Sending {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.is_over {
            return None;
        }
        self.script.sending(self.offset);
        match self.script.response_end {
            Some((at, End::Cut)) if self.offset >= at => {
                tokio::time::sleep(FLUSH_WAIT).await;
                self.is_over = true;
                return Some(Err(io::Error::other("cut, as the rule says")));
            }
            Some((at, End::Stall)) if self.offset >= at => std::future::pending().await,
            _ => {}
        }
        let Some(piece) = self.pieces.next(self.offset, self.script.next_stop(self.offset)).await else {
            tokio::time::sleep(self.script.late_end.take().unwrap_or_default()).await;
            return None;
        };
        let mut piece = match piece {
            Ok(piece) => piece,
            Err(error) => {
                self.is_over = true;
                return Some(Err(error));
            }
        };
        if let Some((_, pause)) = self.script.drip {
            tokio::time::sleep(pause).await;
        }
        if self.script.wrong_bytes && self.offset == 0 {
            let mut spoilt = piece.to_vec();
            spoilt[0] ^= 0xff;
            piece = spoilt.into();
        }
        self.offset += piece.len() as u64;
        if let Some(ticket) = &self.ticket {
            ticket.sent(piece.len());
        }
        if Some(self.offset) == self.length_bytes {
            self.ticket = None;
        }
        Some(Ok(piece))
    }
}
