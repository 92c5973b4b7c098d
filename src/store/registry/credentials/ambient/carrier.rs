//! How requests for identities leave the house. Never adds a header and never follows a redirect.

use crate::failure::Fallible;
use crate::oci::Registry;
use async_trait::async_trait;
use reqwest::{Request, Response};

/// Which way a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Over the network: by the proxies that are set, and again when it fails in passing.
    World,
    /// To this machine or the cloud that it runs in: by no proxy.
    Machine,
    /// The same, where nothing says that anybody listens: once, and for a moment only.
    Probe,
}

/// Carries requests to those who know who we are. Limits, pauses and retries live behind it.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Sends the request and hands back whatever was answered, of any status. `registry` is for
    /// whose sake: it is named in a failure, and the request counts as one for it.
    ///
    /// The clients behind it must not follow redirects and must not decompress. The body of a
    /// request is in memory, so `try_clone` works on it.
    ///
    /// # Errors
    /// When there was no answer, also after trying again.
    async fn carry(&self, request: Request, route: Route, registry: &Registry) -> Fallible<Response>;
}
