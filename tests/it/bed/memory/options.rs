//! How a memory registry is set up before it starts. What goes wrong later is a [`super::Rule`].

use super::personality::{Children, DigestTags, Locations, Login, Paging, Personality, Referrers, Traits};
use super::{Auth, Credentials, Registry, TokenServer};
use crate::bed::grants::Users;
use std::time::Duration;

/// The set-up of a memory registry. The default is distribution 2.8.2, open to everybody.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub(super) auth: Auth,
    pub(super) traits: Traits,
    pub(super) writes: Writes,
    pub(super) tag_order: TagOrder,
    pub(super) storage: Storage,
    pub(super) cuts: Cuts,
    pub(super) latency: Duration,
    pub(super) quota: Option<u32>,
    pub(super) credentials: Credentials,
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

/// What becomes of uploaded bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Storage {
    /// They are kept.
    #[default]
    Kept,
    /// They are hashed and thrown away: a blob of any length fits, but cannot be read again.
    Hashed,
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

    /// The manners of a registry that people use.
    pub fn like(personality: Personality) -> Self {
        Self { traits: personality.traits(), ..Self::default() }
    }

    /// Changes what the registry does.
    pub fn but(mut self, change: impl FnOnce(&mut Traits)) -> Self {
        change(&mut self.traits);
        self
    }

    /// Lets in these users, in the registry's own way.
    pub fn users(mut self, users: Users) -> Self {
        self.auth = match self.traits.login {
            Login::Basic => Auth::Basic(users),
            Login::Bearer => Auth::Bearer(TokenServer::new(users)),
        };
        self
    }

    /// How much of what the registry counts is left.
    pub fn quota(mut self, left: u32) -> Self {
        self.quota = Some(left);
        self
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

    /// See [`Credentials`].
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// See [`Children`].
    pub fn children(mut self, children: Children) -> Self {
        self.traits.children = children;
        self
    }

    /// See [`Writes`].
    pub fn writes(mut self, writes: Writes) -> Self {
        self.writes = writes;
        self
    }

    /// See [`Paging`].
    pub fn paging(mut self, paging: Paging) -> Self {
        self.traits.paging = paging;
        self
    }

    /// See [`TagOrder`].
    pub fn tag_order(mut self, tag_order: TagOrder) -> Self {
        self.tag_order = tag_order;
        self
    }

    /// See [`Referrers`].
    pub fn referrers(mut self, referrers: Referrers) -> Self {
        self.traits.referrers = referrers;
        self
    }

    /// The most referrers on one page of the API.
    pub fn referrers_page(mut self, most: usize) -> Self {
        self.traits.referrers_page = Some(most);
        self
    }

    /// See [`DigestTags`].
    pub fn digest_tags(mut self, digest_tags: DigestTags) -> Self {
        self.traits.digest_tags = digest_tags;
        self
    }

    /// See [`Storage`].
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    /// See [`Locations`].
    pub fn locations(mut self, locations: Locations) -> Self {
        self.traits.uploads.locations = locations;
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
