//! Our own registry: in memory, over real loopback TCP, on its own thread.
//!
//! It answers as distribution 2.8.2 does, or with the manners of another registry, records every
//! request, and can be told to misbehave.
//! It never reads or writes a file and never listens beyond 127.0.0.1.

mod answer;
mod auth;
mod blobs;
mod body;
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
mod script;
mod server;
mod socket;
mod storage;
mod tags;
mod tokens;
mod uploads;

pub use auth::{Auth, TokenField, TokenServer};
pub use fixture::Registry;
pub use gate::Gate;
pub use options::{Cuts, Options, Storage, TagOrder, Writes};
pub use personality::{BlobsAt, Children, Locations, Login, Paging, Personality, Referrers};
pub use recording::Requests;
pub use request::{Authorization, Request, RequestKind};
pub use rule::{Behaviour, Call, Canned, Moment, Rule};
