//! What can be done after an upload failed. Decides only; asks nobody.

use super::strategy::Strategy;
use crate::store::Outlook;

/// A smaller blob is sent again as cheaply as it is looked for.
const LOOK_BYTES_MIN: u64 = 1 << 20;

/// What is known of an upload when it fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Broken {
    pub(super) strategy: Strategy,
    /// The status of the answer; none where there was none.
    pub(super) status: Option<u16>,
    /// Length of the blob.
    pub(super) size_bytes: u64,
    /// Bytes that were handed over.
    pub(super) sent_bytes: u64,
    /// Bytes that the registry acknowledged.
    pub(super) kept_bytes: u64,
    pub(super) cleared: Cleared,
}

/// Whether what was in the way is out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cleared {
    /// It is not, or it passes by itself.
    No,
    /// There is a new token.
    Right,
    /// Blobs are sent in another way from now on.
    Way,
    /// The session is gone.
    Session,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct After {
    pub(super) outlook: Outlook,
    pub(super) arrival: Arrival,
    pub(super) rest: Rest,
}

/// Whether the blob can be there although no success was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// All bytes were sent, and the answer was lost or an error that says nothing.
    Possible,
    Excluded,
}

/// Whether the session can be gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Where the registry says.
    Open,
    /// The same; but it has just refused an offset of its own.
    Disputed,
    /// Not at all.
    Gone,
}

impl Broken {
    pub(super) fn after(&self) -> After {
        let outlook = match self.cleared {
            Cleared::Right | Cleared::Way => Outlook::AtOnce,
            Cleared::No | Cleared::Session => Outlook::Later { kept_bytes: self.kept_bytes },
        };
        let whole = self.sent_bytes == self.size_bytes;
        let arrival = match (self.strategy, self.status) {
            (_, Some(..500)) => Arrival::Excluded,
            _ if self.size_bytes < LOOK_BYTES_MIN => Arrival::Excluded,
            (Strategy::Put, _) if whole => Arrival::Possible,
            // The closing PUT was under way.
            (_, _) if whole && self.kept_bytes == self.size_bytes => Arrival::Possible,
            _ => Arrival::Excluded,
        };
        let rest = match (self.cleared, self.strategy) {
            (Cleared::Way | Cleared::Session, _) | (_, Strategy::Put) => Rest::Gone,
            // What was sent without a range can only be gone on with at its end.
            (_, Strategy::Stream) if !whole => Rest::Gone,
            _ if self.status == Some(416) => Rest::Disputed,
            _ => Rest::Open,
        };
        After { outlook, arrival, rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNKS: Strategy = Strategy::Chunks { chunk_bytes: 10 };

    const MIB: u64 = 1 << 20;

    /// Of a blob of 30 MiB.
    fn shown(strategy: Strategy, status: u16, sent: u64, kept: u64, cleared: Cleared) -> String {
        let status = Some(status).filter(|status| *status > 0);
        let (size_bytes, sent_bytes, kept_bytes) = (30 * MIB, sent * MIB, kept * MIB);
        let broken = Broken { strategy, status, size_bytes, sent_bytes, kept_bytes, cleared };
        let After { outlook, arrival, rest } = broken.after();
        let outlook = match outlook {
            Outlook::AtOnce => "now".to_owned(),
            Outlook::Later { kept_bytes } => format!("later {}", kept_bytes / MIB),
        };
        format!("{outlook} {arrival:?} {rest:?}")
    }

    #[test]
    fn each_failure_has_its_consequence() {
        use Cleared::{No, Right, Session, Way};
        let (put, stream) = (Strategy::Put, Strategy::Stream);
        let rows = [
            // A PUT cannot be gone on with; it may have arrived when all of it was sent.
            ((put, 0, 20, 0, No), "later 0 Excluded Gone"),
            ((put, 0, 30, 0, No), "later 0 Possible Gone"),
            ((put, 502, 30, 0, No), "later 0 Possible Gone"),
            ((put, 429, 30, 0, No), "later 0 Excluded Gone"),
            ((put, 413, 30, 0, Way), "now Excluded Gone"),
            ((put, 404, 30, 0, Session), "later 0 Excluded Gone"),
            // Chunks are gone on with.
            ((CHUNKS, 0, 15, 10, No), "later 10 Excluded Open"),
            ((CHUNKS, 0, 30, 20, No), "later 20 Excluded Open"),
            ((CHUNKS, 500, 20, 10, No), "later 10 Excluded Open"),
            ((CHUNKS, 401, 20, 10, Right), "now Excluded Open"),
            ((CHUNKS, 416, 20, 10, No), "later 10 Excluded Disputed"),
            ((CHUNKS, 404, 20, 10, Session), "later 10 Excluded Gone"),
            ((CHUNKS, 413, 10, 0, Way), "now Excluded Gone"),
            // The closing PUT.
            ((CHUNKS, 0, 30, 30, No), "later 30 Possible Open"),
            ((CHUNKS, 500, 30, 30, No), "later 30 Possible Open"),
            ((CHUNKS, 400, 30, 30, No), "later 30 Excluded Open"),
            // A stream only at its end.
            ((stream, 0, 20, 0, No), "later 0 Excluded Gone"),
            ((stream, 0, 30, 0, No), "later 0 Excluded Open"),
            ((stream, 503, 30, 30, No), "later 30 Possible Open"),
        ];
        for ((strategy, status, sent, kept, cleared), expected) in rows {
            let found = shown(strategy, status, sent, kept, cleared);
            assert_eq!(found, expected, "{strategy:?} {status} {sent} {kept} {cleared:?}");
        }
    }

    #[test]
    fn a_small_blob_is_not_looked_for() {
        let (strategy, status, cleared) = (Strategy::Put, None, Cleared::No);
        let broken = |size_bytes| {
            Broken { strategy, status, size_bytes, sent_bytes: size_bytes, kept_bytes: 0, cleared }.after()
        };
        assert_eq!(broken(MIB - 1).arrival, Arrival::Excluded);
        assert_eq!(broken(MIB).arrival, Arrival::Possible);
    }
}
