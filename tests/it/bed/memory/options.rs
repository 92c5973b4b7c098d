//! How a memory registry is set up before it starts. What goes wrong later is a [`super::Rule`].

use super::{Auth, Registry};
use std::time::Duration;

/// The set-up of a memory registry. The default is distribution 2.8.2, open to everybody.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub(super) auth: Auth,
    pub(super) children: Children,
    pub(super) writes: Writes,
    pub(super) paging: Paging,
    pub(super) tag_order: TagOrder,
    pub(super) referrers: Referrers,
    pub(super) storage: Storage,
    pub(super) locations: Locations,
    pub(super) cuts: Cuts,
    pub(super) latency: Duration,
}

/// What becomes of a manifest that arrives before what it reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Children {
    /// 400 `MANIFEST_BLOB_UNKNOWN`, and the fixture fails the test as well.
    #[default]
    Required,
    /// 400 `MANIFEST_BLOB_UNKNOWN` only.
    Refused,
    /// 201, as registries that allow sparse indexes do.
    Unchecked,
}

/// Whether the registry may be written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writes {
    /// Yes.
    #[default]
    Accepted,
    /// No: 405 `UNSUPPORTED`.
    Refused,
}

/// How a list of tags is cut into pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Paging {
    /// Not at all: `n` and `last` are ignored, as distribution 2.8.2 does.
    #[default]
    Ignored,
    /// By `n`, at most this many at once, with a relative `Link`.
    Relative(usize),
    /// By `n`, at most this many at once, with an absolute `Link`.
    Absolute(usize),
    /// By `n`, at most this many at once, without a `Link`.
    Unlinked(usize),
}

/// In which order a list of tags comes; paging always goes by the sorted one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TagOrder {
    /// Bytewise.
    #[default]
    Sorted,
    /// The newest first.
    NewestFirst,
    /// `"tags": null`, whatever there is.
    Null,
}

/// Whether the referrers API is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Referrers {
    /// 404, and no `OCI-Subject`.
    #[default]
    Absent,
    /// The API, which ignores the filter by artifact type.
    Unfiltered,
    /// The API, which filters and says so.
    Filtered,
}

/// What becomes of uploaded bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Storage {
    /// They are kept.
    #[default]
    Kept,
    /// They are hashed and thrown away: a blob of any length fits, but cannot be read again.
    Hashed,
}

/// What the `Location` of an upload looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Locations {
    /// `http://host:port/v2/…?_state=…`, as distribution does.
    #[default]
    Absolute,
    /// `/v2/…?_state=…`.
    Relative,
    /// `/v2/…` without a query, so that `digest` is the first parameter.
    Bare,
}

/// What becomes of an upload when the connection of a PATCH breaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cuts {
    /// It is gone, as in distribution.
    #[default]
    Fatal,
    /// It stays as it was before.
    Forgotten,
    /// It stays, with what had arrived.
    Kept,
}

impl Options {
    /// The default set-up.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a registry that is set up like this.
    pub fn start(self) -> Registry {
        Registry::with(self)
    }

    /// Who may come in.
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// See [`Children`].
    pub fn children(mut self, children: Children) -> Self {
        self.children = children;
        self
    }

    /// See [`Writes`].
    pub fn writes(mut self, writes: Writes) -> Self {
        self.writes = writes;
        self
    }

    /// See [`Paging`].
    pub fn paging(mut self, paging: Paging) -> Self {
        self.paging = paging;
        self
    }

    /// See [`TagOrder`].
    pub fn tag_order(mut self, tag_order: TagOrder) -> Self {
        self.tag_order = tag_order;
        self
    }

    /// See [`Referrers`].
    pub fn referrers(mut self, referrers: Referrers) -> Self {
        self.referrers = referrers;
        self
    }

    /// See [`Storage`].
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    /// See [`Locations`].
    pub fn locations(mut self, locations: Locations) -> Self {
        self.locations = locations;
        self
    }

    /// See [`Cuts`].
    pub fn cuts(mut self, cuts: Cuts) -> Self {
        self.cuts = cuts;
        self
    }

    /// Lets every request wait this long before it is answered.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }
}
