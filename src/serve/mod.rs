//! A read-only registry of places on this disk, for any client of the distribution specification. Unpacks
//! nothing, writes nothing, and takes nothing.
//!
//! What is served is gathered once, when it starts ([`Site`]); bytes are read when somebody asks for them.

mod answer;
mod auth;
mod body;
mod connection;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod limits;
mod listen;
mod log;
mod negotiate;
mod page;
mod pulse;
mod range;
mod respond;
mod route;
mod site;
mod tls;

pub use auth::{Doorkeeper, HTPASSWD_BYTES_MAX, Users, UsersError};
pub use limits::Limits;
pub use listen::{Listen, ListenError, listen};
pub use site::{Listing, Offer, Site};
pub use tls::{TlsError, acceptor};

use connection::Connections;
use respond::Counter;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What is served, to whom, and how.
pub struct Service {
    /// What is served.
    pub site: Site,
    /// Who may ask; none lets everybody.
    pub door: Option<Doorkeeper>,
    /// Keys for TLS; none speaks plain HTTP.
    pub tls: Option<TlsAcceptor>,
    /// How much is done at once, and how long what may take.
    pub limits: Limits,
}

/// Serves until `soon` ends: then nobody new is let in, and what is under way goes on until `now` ends. Returns
/// how many connections were cut off.
pub async fn serve(
    service: Service,
    listener: TcpListener,
    soon: impl Future<Output = ()>,
    now: impl Future<Output = ()>,
) -> usize {
    let Service { site, door, tls, limits } = service;
    let counter = Counter::new(site, door, &limits);
    let mut connections = Connections::new(Arc::new(counter), tls, limits);
    connections.take_until(listener, soon).await;
    connections.end(now).await
}
