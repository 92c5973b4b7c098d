//! Lanes: kinds of requests that a registry may take at different rates, and how wide each begins.

use crate::failure::Operation;

/// What a request is for, as far as queueing is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::registry) enum Lane {
    /// What is there: lists of tags and referrers, HEADs and GETs of manifests.
    Look,
    /// The bytes of a blob, or of a file, on their way out.
    Body,
    /// Whether a blob is there, and the beginning of its upload.
    Begin,
    /// The bytes of a blob on their way in: waits for the pump, which waits for the source.
    Upload,
    /// Manifests on their way in.
    Write,
}

/// A lane's window, before anything is known of a registry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Breadth {
    pub(super) begin: u32,
    pub(super) ceiling: u32,
}

/// Requests at once of all lanes together, where the spec sets nothing: all short requests that one
/// lane may have, and a full lane of bodies beside them.
pub(super) const ALL_DEFAULT: u32 = SHORT_MAX + BODIES_MAX;
/// Short requests of one kind at once. With 20 ms of latency that is 3000 a second: more than a run
/// has use for.
const SHORT_MAX: u32 = 64;
/// Short requests of one kind that a run begins with: a run of 200 tags lasts a dozen round trips, and a
/// window that opens slowly is never open in it.
const SHORT_BEGIN: u32 = 16;
/// Written manifests that a run begins with. They come one by one behind their blobs, and are what
/// registries limit most: so many are refused where a limit is met for the first time.
const WRITES_BEGIN: u32 = 4;
/// Bodies at once, each way. They are bound by the wire, and each takes its part of the memory.
const BODIES_MAX: u32 = 16;

impl Lane {
    pub(super) const ALL: [Self; 5] = [Self::Look, Self::Body, Self::Begin, Self::Upload, Self::Write];

    /// The lane of an operation.
    pub(in crate::store::registry) fn of(operation: Operation) -> Self {
        match operation {
            Operation::BlobGet | Operation::Download => Self::Body,
            Operation::BlobHead | Operation::UploadStart => Self::Begin,
            Operation::BlobPut => Self::Upload,
            Operation::ManifestPut => Self::Write,
            _ => Self::Look,
        }
    }

    /// How wide the lane begins, and becomes at most: `chosen` is what the spec sets for all lanes.
    pub(super) fn breadth(self, chosen: Option<u32>) -> Breadth {
        let (begin, ceiling) = match self {
            Self::Look | Self::Begin => (SHORT_BEGIN, SHORT_MAX),
            Self::Write => (WRITES_BEGIN, SHORT_MAX),
            Self::Body | Self::Upload => (BODIES_MAX, BODIES_MAX),
        };
        Breadth { begin, ceiling: chosen.unwrap_or(ceiling) }
    }

    /// Whether the time until an answer tells of the registry. That of bodies tells of their length.
    pub(super) fn is_short(self) -> bool {
        match self {
            Self::Look | Self::Begin | Self::Write => true,
            Self::Body | Self::Upload => false,
        }
    }
}
