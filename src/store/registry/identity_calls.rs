//! How requests for identities are sent: by their own clients, retried and counted like all others. Adds
//! no header.

use super::answer::Asked;
use super::budget::Budget;
use super::clients::{Clients, Names, Way};
use super::counters::{Counters, Counts};
use super::credentials::ambient::{Carrier, Route};
use super::token_calls::{Patience, patiently};
use crate::access;
use crate::failure::{Fallible, Operation};
use crate::oci::Registry;
use async_trait::async_trait;
use reqwest::{Request, Response};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Sends requests to those who know who we are: with the system's certificates, and with none of ours.
#[derive(Default)]
pub(super) struct IdentityCalls {
    world: OnceLock<reqwest::Client>,
    machine: OnceLock<reqwest::Client>,
    /// For whose sake they were sent.
    counters: Mutex<BTreeMap<Registry, Arc<Counters>>>,
    budget: Budget,
}

/// How long a service of this machine may take to answer, in seconds.
const MACHINE_SECONDS_MAX: u64 = 5;
/// How long a machine is asked for an identity that nobody says it has, in seconds: all the time that
/// this costs where there is none.
const PROBE_SECONDS_MAX: u64 = 1;

impl IdentityCalls {
    /// What was asked of others for the sake of each registry so far.
    pub(super) fn counts(&self) -> BTreeMap<Registry, Counts> {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.iter().map(|(registry, counters)| (registry.clone(), counters.counts())).collect()
    }

    fn counters(&self, registry: &Registry) -> Arc<Counters> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counters.entry(registry.clone()).or_default())
    }

    /// The client for a route. Two at once may both build one, of which one stays.
    fn client(&self, route: Route) -> Fallible<&reqwest::Client> {
        let (cell, build): (_, fn() -> Fallible<reqwest::Client>) = match route {
            Route::World => (&self.world, || {
                Ok(Clients::new(&access::Tls::default(), Way::Usual, &Names::default())?.data)
            }),
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
    async fn carry(&self, request: Request, route: Route, registry: &Registry) -> Fallible<Response> {
        let asked = Asked {
            operation: Operation::Token,
            repository: registry.to_string(),
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
        let counters = self.counters(registry);
        patiently(self.client(route)?, &request, &asked, patience, &self.budget, &counters).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc;

    const BUSY: &str = "HTTP/1.1 503 X\r\ncontent-length: 49\r\nconnection: close\r\n\r\n\
                        {\"errors\":[{\"code\":\"CANARY\",\"message\":\"CANARY\"}]}";
    const REDIRECT: &str = "HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:9/evil\r\ncontent-length: 0\r\n\
                            connection: close\r\n\r\n";

    /// A server that gives these answers, one to each connection, and tells what it read.
    fn server(answers: &'static [&str]) -> (String, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/who", listener.local_addr().expect("an address"));
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            for (answer, stream) in answers.iter().zip(listener.incoming()) {
                let mut stream = stream.expect("a connection");
                let mut bytes = [0; 4096];
                let read = stream.read(&mut bytes).unwrap_or_default();
                let _ = tell.send(String::from_utf8_lossy(&bytes[..read]).into_owned());
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        (url, told)
    }

    async fn carried(url: &str, route: Route) -> Fallible<Response> {
        let mut request = Request::new(reqwest::Method::GET, url.parse().expect("a URL"));
        request.headers_mut().insert("authorization", "proof".parse().expect("a value"));
        IdentityCalls::default().carry(request, route, &registry()).await
    }

    fn registry() -> Registry {
        "r.test".parse().expect("a registry")
    }

    #[tokio::test]
    async fn a_redirect_is_handed_back_and_not_followed() {
        let (url, told) = server(&[REDIRECT]);
        let answer = carried(&url, Route::World).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 307);
        assert!(told.recv().expect("a request").starts_with("GET /who "));
    }

    #[tokio::test]
    async fn a_probe_is_made_once_and_others_are_made_again() {
        let (url, told) = server(&[BUSY, REDIRECT]);
        let failure = carried(&url, Route::Probe).await.expect_err("it is busy");
        assert_eq!((failure.code, failure.repository.as_str()), (Code::ServerError, "r.test"));
        assert!(!format!("{failure:?}").contains("CANARY"), "{failure:?}");
        assert_eq!(told.try_iter().count(), 1);
        let (url, told) = server(&[BUSY, REDIRECT]);
        assert!(carried(&url, Route::Machine).await.is_ok());
        assert_eq!(told.try_iter().count(), 2);
    }

    #[tokio::test]
    async fn a_machine_that_is_silent_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/who", listener.local_addr().expect("an address"));
        assert_eq!(carried(&url, Route::Probe).await.expect_err("nobody answers").code, Code::Timeout);
    }

    #[tokio::test]
    async fn requests_count_for_the_registry_that_they_are_made_for() {
        let (url, _told) = server(&[BUSY, REDIRECT]);
        let calls = IdentityCalls::default();
        let request = Request::new(reqwest::Method::GET, url.parse().expect("a URL"));
        calls.carry(request, Route::Machine, &registry()).await.expect("an answer");
        let counted =
            Counts { by_operation: BTreeMap::from([(Operation::Token, 2)]), retries: 1, ..Counts::default() };
        assert_eq!(calls.counts(), BTreeMap::from([(registry(), counted)]));
    }
}
