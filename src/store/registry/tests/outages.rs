//! Requests to a host that goes away or fails, in virtual time: how long they go on, and how often they are
//! made.

use crate::access::{RegistrySettings, Scope};
use crate::failure::{Code, Failure, Fallible, HttpFacts, Operation};
use crate::store::registry::account::Account;
use crate::store::registry::answer::Asked;
use crate::store::registry::{Environment, Registries};
use futures::future::join_all;
use reqwest::{Method, Url};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

fn account() -> Arc<Account> {
    let registries = Registries::new(BTreeMap::new(), Environment::of::<&str, &str>([]));
    let scope = Scope { registry: "r.test".parse().expect("a registry"), prefix: None };
    registries.account(scope, &RegistrySettings::default(), None).expect("nothing to read")
}

fn asked() -> Asked {
    let url = Url::parse("https://r.test/v2/a/manifests/1").expect("a URL");
    let (operation, method) = (Operation::ManifestHead, Method::HEAD);
    Asked { operation, repository: "r.test/a".into(), method, url, credential: None }
}

fn failed(code: Code, status: Option<u16>) -> Box<Failure> {
    let mut failure = Failure::new(code, "r.test/a", Operation::ManifestHead, "refused");
    let (method, url) = ("HEAD".to_owned(), "https://r.test/".to_owned());
    failure.http = Some(HttpFacts { method, url, status, registry_code: None });
    failure
}

/// A request to a host that answered before and refuses connections for `away`: how it ended, how often it
/// was made, and after how long.
async fn through(away: Duration) -> (Fallible<()>, u32, Duration) {
    let (account, made, start) = (account(), AtomicU32::new(0), Instant::now());
    account.host.contact.answered();
    let once = || async {
        account.host.contact.admit(&asked()).await?;
        made.fetch_add(1, Ordering::SeqCst);
        if start.elapsed() < away {
            account.host.contact.unconnected("refused");
            return Err(failed(Code::Network, None));
        }
        account.host.contact.answered();
        Ok(())
    };
    let ended = account.until_done(once).await;
    (ended, made.load(Ordering::SeqCst), start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_nearly_a_minute_costs_a_request_nothing_but_time() {
    for seconds in [1, 20, 55] {
        let (ended, made, took) = through(Duration::from_secs(seconds)).await;
        assert_eq!(ended, Ok(()), "{seconds} s");
        // It is back within the five seconds after which somebody looks.
        assert!(took.as_secs() <= seconds + 5, "{seconds} s: {took:?}");
        assert!(made <= 16, "{seconds} s: {made} requests");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_does_not_come_back_is_given_up_in_little_more_than_a_minute() {
    let (ended, made, took) = through(Duration::from_secs(86_400)).await;
    assert_eq!(ended.map_err(|failure| failure.code), Err(Code::Network));
    assert!((60..70).contains(&took.as_secs()), "{took:?}");
    assert!((10..=16).contains(&made), "{made} requests");
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_errors_asks_each_once_and_ends_as_soon_as_six_attempts_would() {
    const MANY: u32 = 200;
    let (account, made, start) = (account(), AtomicU32::new(0), Instant::now());
    let once = || async {
        made.fetch_add(1, Ordering::SeqCst);
        Err::<(), _>(failed(Code::ServerError, Some(500)))
    };
    let ends = join_all((0..MANY).map(|_| account.until_done(once))).await;
    assert!(ends.iter().all(Result::is_err));
    // Ten at once, and one a second.
    let most = MANY + 10 + u32::try_from(start.elapsed().as_secs()).expect("soon") + 1;
    let made = made.load(Ordering::SeqCst);
    assert!((MANY..=most).contains(&made), "{made} requests");
    assert!(start.elapsed().as_secs() < 16, "{:?}", start.elapsed());
}
