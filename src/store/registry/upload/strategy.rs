//! How the bytes of a blob are parted into requests, for each way to send them. Decides only.

use crate::store::registry::profile::Uploads;
use reqwest::Method;

/// How the bytes of one blob go into a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::registry) enum Strategy {
    /// One PUT with all of them and their length (distribution-spec, "POST then PUT").
    Put,
    /// PATCHes with length and range, then an empty PUT ("Pushing a blob in chunks").
    Chunks {
        /// Most bytes of one PATCH.
        chunk_bytes: u64,
    },
    /// One PATCH with all of them and without a range, then an empty PUT: what docker does, and for
    /// registries that know nothing else.
    Stream,
}

/// One request with bytes of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Offset of its first byte.
    pub(super) start: u64,
    /// Offset behind its last byte.
    pub(super) end: u64,
    pub(super) form: Form,
}

/// What a request with bytes looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A PUT with the digest: closes the upload too.
    Put,
    /// A PATCH that says where its bytes belong.
    Chunk,
    /// A PATCH that does not.
    Stream,
}

impl Strategy {
    /// The strategy for a blob of `size_bytes` where blobs are sent by `uploads`.
    pub(super) fn of(uploads: Uploads, size_bytes: u64) -> Self {
        match uploads {
            Uploads::Put => Self::Put,
            Uploads::Chunks { above_bytes, .. } if size_bytes <= above_bytes => Self::Put,
            Uploads::Chunks { chunk_bytes, .. } => Self::Chunks { chunk_bytes },
            Uploads::Stream => Self::Stream,
        }
    }

    /// How blobs are sent where this was learnt. What fits into one chunk is sent by one PUT.
    pub(super) fn uploads(self) -> Uploads {
        match self {
            Self::Put => Uploads::Put,
            Self::Chunks { chunk_bytes } => Uploads::Chunks { above_bytes: chunk_bytes, chunk_bytes },
            Self::Stream => Uploads::Stream,
        }
    }

    /// The same with chunks that are not shorter than the registry wants them.
    pub(super) fn at_least(self, chunk_bytes_min: u64) -> Self {
        match self {
            Self::Chunks { chunk_bytes } => Self::Chunks { chunk_bytes: chunk_bytes.max(chunk_bytes_min) },
            other => other,
        }
    }

    /// The request with the bytes from `start` on, of a blob of `size_bytes`.
    pub(super) fn part(self, start: u64, size_bytes: u64) -> Part {
        let (end, form) = match self {
            Self::Put => (size_bytes, Form::Put),
            Self::Chunks { chunk_bytes } => {
                (start.saturating_add(chunk_bytes.max(1)).min(size_bytes), Form::Chunk)
            }
            Self::Stream => (size_bytes, Form::Stream),
        };
        Part { start, end, form }
    }
}

impl Part {
    /// The empty PUT that closes an upload of PATCHes.
    pub(super) fn closing(size_bytes: u64) -> Self {
        Self { start: size_bytes, end: size_bytes, form: Form::Put }
    }

    pub(super) fn length(&self) -> u64 {
        self.end - self.start
    }

    pub(super) fn method(&self) -> Method {
        match self.form {
            Form::Put => Method::PUT,
            Form::Chunk | Form::Stream => Method::PATCH,
        }
    }

    /// `Content-Range` of the specification: without a unit, and with the last byte.
    pub(super) fn content_range(&self) -> Option<String> {
        match self.form {
            Form::Chunk => Some(format!("{}-{}", self.start, self.end.saturating_sub(1))),
            Form::Put | Form::Stream => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(strategy: Strategy, size_bytes: u64) -> Vec<String> {
        let mut parts = Vec::new();
        let mut offset = 0;
        while offset < size_bytes {
            let part = strategy.part(offset, size_bytes);
            let range = part.content_range().unwrap_or_else(|| "no range".to_owned());
            parts.push(format!("{} {} {range}", part.method(), part.length()));
            offset = part.end;
        }
        parts
    }

    #[test]
    fn each_strategy_parts_a_blob_in_its_way() {
        assert_eq!(parts(Strategy::Put, 10), ["PUT 10 no range"]);
        assert_eq!(parts(Strategy::Stream, 10), ["PATCH 10 no range"]);
        let chunks = Strategy::Chunks { chunk_bytes: 4 };
        assert_eq!(parts(chunks, 10), ["PATCH 4 0-3", "PATCH 4 4-7", "PATCH 2 8-9"]);
        assert_eq!(parts(chunks, 8), ["PATCH 4 0-3", "PATCH 4 4-7"]);
        assert_eq!(parts(chunks.at_least(6), 10), ["PATCH 6 0-5", "PATCH 4 6-9"]);
        assert_eq!(parts(chunks.at_least(u64::MAX), 10), ["PATCH 10 0-9"]);
        assert_eq!(Strategy::Put.at_least(6), Strategy::Put);
    }

    #[test]
    fn what_fits_into_one_chunk_is_one_put() {
        let uploads = Uploads::Chunks { above_bytes: 5, chunk_bytes: 4 };
        assert_eq!(Strategy::of(uploads, 5), Strategy::Put);
        assert_eq!(Strategy::of(uploads, 6), Strategy::Chunks { chunk_bytes: 4 });
        for strategy in [Strategy::Put, Strategy::Stream, Strategy::Chunks { chunk_bytes: 4 }] {
            assert_eq!(Strategy::of(strategy.uploads(), 5), strategy);
        }
    }
}
