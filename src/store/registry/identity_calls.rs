//! How requests for identities are sent: by their own clients, retried like all others. Adds no header.

use super::answer::Asked;
use super::clients::Clients;
use super::credentials::ambient::{Carrier, Route};
use super::settings::TlsSettings;
use super::token_calls::{Patience, patiently};
use crate::failure::{Fallible, Operation};
use async_trait::async_trait;
use reqwest::{Request, Response};
use std::sync::OnceLock;
use std::time::Duration;

/// Sends requests to those who know who we are: with the system's certificates, and with none of ours.
#[derive(Default)]
pub(super) struct IdentityCalls {
    world: OnceLock<reqwest::Client>,
    machine: OnceLock<reqwest::Client>,
}

/// How long a service of this machine may take to answer, in seconds.
const MACHINE_SECONDS_MAX: u64 = 5;
/// How long a machine is asked for an identity that nobody says it has, in seconds: all the time that
/// this costs where there is none.
const PROBE_SECONDS_MAX: u64 = 1;

impl IdentityCalls {
    /// The client for a route. Two at once may both build one, of which one stays.
    fn client(&self, route: Route) -> Fallible<&reqwest::Client> {
        let (cell, build): (_, fn() -> Fallible<reqwest::Client>) = match route {
            Route::World => (&self.world, || Ok(Clients::new(&TlsSettings::default())?.elsewhere)),
            Route::Machine | Route::Probe => (&self.machine, Clients::machine),
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let built = build()?;
        Ok(cell.get_or_init(|| built))
    }
}

#[async_trait]
impl Carrier for IdentityCalls {
    async fn carry(&self, request: Request, route: Route, registry: &str) -> Fallible<Response> {
        let asked = Asked {
            operation: Operation::Token,
            repository: registry.to_owned(),
            method: request.method().clone(),
            url: request.url().clone(),
            credential: None,
        };
        let patience = match route {
            Route::World => Patience::default(),
            Route::Machine => {
                Patience { within: Duration::from_secs(MACHINE_SECONDS_MAX), ..Patience::default() }
            }
            Route::Probe => Patience { within: Duration::from_secs(PROBE_SECONDS_MAX), attempts_max: 1 },
        };
        patiently(self.client(route)?, &request, &asked, patience, None).await
    }
}
