//! Our own registry: in memory, over real loopback TCP, on its own thread.
//!
//! It answers as distribution 2.8.2 does, or with the manners of another registry, records every
//! request, and can be told to misbehave.
//! It never reads or writes a file and never listens beyond 127.0.0.1.

pub(in crate::bed) mod answer;
mod auth;
mod blobs;
pub(in crate::bed) mod body;
mod contents;
mod errors;
mod fixture;
mod gate;
mod manifests;
mod options;
mod personality;
mod quota;
pub(in crate::bed) mod recording;
mod referrers;
mod request;
mod route;
mod rule;
pub(in crate::bed) mod script;
pub(in crate::bed) mod server;
pub(in crate::bed) mod socket;
mod storage;
mod strangers;
mod tagging;
mod tags;
mod tokens;
mod uploads;

pub use auth::{Auth, TokenField, TokenServer};
pub use contents::{Holding, Noticed};
pub use fixture::Registry;
pub use gate::Gate;
pub use options::{Cuts, Options, Storage, TagOrder, Writes};
pub use personality::{
    BlobsAt, Children, Creates, DigestTags, Locations, Login, Paging, Personality, Referrers, Refusal,
    Tagging,
};
pub use recording::Requests;
pub use request::{Authorization, Request, RequestKind};
pub use rule::{Behaviour, Call, Canned, Moment, Rule, Tally};
pub use strangers::Credentials;
