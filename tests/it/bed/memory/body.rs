//! Bodies on their way in and out: counted, and cut, stalled or spoilt where a script says so.

use super::answer::AnswerBody;
use super::recording::Ticket;
use super::script::{End, Script};
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use std::time::Duration;
use std::{fmt, io};

/// How long bytes that were sent have to leave before the connection is closed on them.
const FLUSH_WAIT: Duration = Duration::from_millis(20);

/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub(super) struct Dropped;

/// The body of a request.
pub(super) struct Receiving {
    body: Incoming,
    pub(super) ticket: Ticket,
    pub(super) script: Script,
}

/// The body of an answer while it is sent.
struct Sending {
    body: AnswerBody,
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
    pub(super) fn new(body: Incoming, ticket: Ticket, script: Script) -> Self {
        Self { body, ticket, script }
    }

    /// The next piece; none at the end. An error means that the connection is gone or to be closed.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Dropped> {
        loop {
            let Some(frame) = self.body.frame().await else { return Ok(None) };
            let Ok(piece) = frame.map_err(|_| Dropped)?.into_data() else { continue };
            let received = self.ticket.received(piece.len());
            self.script.received(received);
            match self.script.request_end {
                Some((at, End::Cut)) if received > at => return Err(Dropped),
                Some((at, End::Stall)) if received > at => std::future::pending().await,
                _ => return Ok(Some(piece)),
            }
        }
    }

    /// Reads to the end and forgets it.
    pub(super) async fn drain(&mut self) -> Result<(), Dropped> {
        while self.next().await?.is_some() {}
        Ok(())
    }

    /// Reads to the end, but keeps only the first `bytes_max` bytes and one more.
    pub(super) async fn whole(&mut self, bytes_max: usize) -> Result<Bytes, Dropped> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            let room = (bytes_max + 1).saturating_sub(bytes.len()).min(piece.len());
            bytes.extend_from_slice(&piece[..room]);
        }
        Ok(bytes.into())
    }
}

/// Sends a body; `ticket` ends when it is sent or the connection is gone.
pub(super) fn sending(body: AnswerBody, ticket: Ticket, script: Script) -> Body {
    let start = Sending { body, offset: 0, ticket: Some(ticket), script, is_over: false };
    let pieces = futures::stream::unfold(start, |mut sending| async move {
        let piece = sending.next().await?;
        Some((piece.map(Frame::data), sending))
    });
    StreamBody::new(pieces).boxed_unsync()
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
        let length = self.body.length_bytes();
        if self.offset >= length {
            return None;
        }
        if let Some((_, pause)) = self.script.drip {
            tokio::time::sleep(pause).await;
        }
        let mut piece = self.body.piece(self.offset, length.min(self.script.next_stop(self.offset)));
        if self.script.wrong_bytes && self.offset == 0 {
            let mut spoilt = piece.to_vec();
            spoilt[0] ^= 0xff;
            piece = spoilt.into();
        }
        self.offset += piece.len() as u64;
        if let Some(ticket) = &self.ticket {
            ticket.sent(piece.len());
        }
        if self.offset == length {
            self.ticket = None;
        }
        Some(Ok(piece))
    }
}
