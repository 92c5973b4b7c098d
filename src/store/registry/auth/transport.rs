//! How token requests leave the house. Never adds a header and never follows a redirect.

use crate::failure::Fallible;
use async_trait::async_trait;
use reqwest::{Request, Response};

/// Sends one request to a token server: limits, pauses and retries live behind it.
#[async_trait]
pub trait TokenTransport: Send + Sync {
    /// Sends the request and hands back whatever was answered, of any status.
    ///
    /// The client behind it must not follow redirects, must not decompress, and has the TLS
    /// settings of the registry. The body of a request is in memory, so `try_clone` works on it.
    ///
    /// # Errors
    /// When there was no answer, also after trying again.
    async fn send(&self, request: Request) -> Fallible<Response>;
}
