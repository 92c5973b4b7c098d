//! The API of Tencent Cloud for its registries: each call signed, and made again where that may help.

use super::super::bureau::{Bureau, Errand, Reply};
use super::super::endpoint::endpoint;
use super::super::mint::Service;
use super::super::signing::sign_for_tencent;
use super::Found;
use super::answer::{Answer, meaning, read};
use super::instance::Instance;
use crate::failure::{Code, Fallible};
use crate::oci::{TENCENT_REGION, TencentHost};
use crate::store::backoff::wait_before_retry;
use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName};
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

/// The API, as one registry is asked about there.
pub(in super::super) struct Api {
    pub(super) bureau: Bureau,
    pub(super) keys: Found,
    pub(super) host: TencentHost,
    /// The instance that the registry is; the personal edition has none.
    instance: OnceCell<Instance>,
    /// When the next call may start.
    next: Mutex<Option<Instant>>,
}

/// Where calls go, unless the environment says otherwise.
const ENDPOINT: &str = "https://tcr.tencentcloudapi.com/";
/// The variable that names another place, such as that of the international site.
const ENDPOINT_VARIABLE: &str = "TENCENTCLOUD_ENDPOINT_URL_TCR";
const SERVICE: &str = "tcr";
const VERSION: &str = "2019-09-24";
/// From the start of one call to that of the next: most methods take 20 calls of an account in a second, and there
/// may be others.
const BETWEEN: Duration = Duration::from_millis(62);
const METHOD: HeaderName = HeaderName::from_static("x-tc-action");
const OF_VERSION: HeaderName = HeaderName::from_static("x-tc-version");
const REGION: HeaderName = HeaderName::from_static("x-tc-region");
/// For people.
const WHO: &str = "Tencent Cloud";

impl Api {
    pub(in super::super) fn new(bureau: Bureau, keys: Found, host: TencentHost) -> Self {
        Self { bureau, keys, host, instance: OnceCell::new(), next: Mutex::default() }
    }

    /// Where the keys are from.
    pub(in super::super) fn described(&self) -> &'static str {
        self.keys.from
    }

    /// The region that is asked when nothing is known of an instance yet.
    pub(super) fn region(&self) -> &str {
        match (&self.keys.region, &self.host) {
            (Some(region), _) => region,
            (None, TencentHost::Personal(regions)) => regions.regions.first().unwrap_or(&TENCENT_REGION),
            (None, TencentHost::Enterprise(_)) => TENCENT_REGION,
        }
    }

    /// Calls a method in a region, again where it was too much or an error of theirs; the JSON that it gives.
    pub(super) async fn ask(&self, method: &str, body: &str, region: &str, doing: &str) -> Fallible<Vec<u8>> {
        let mut attempt = 1;
        loop {
            self.turn().await;
            let reply = self.send(method, body, region).await?;
            let failure = match read(&reply.body) {
                Some(Answer::Done(json)) if reply.status.is_success() => return Ok(json.as_bytes().to_vec()),
                Some(Answer::Refused(code)) => {
                    let mut failure = self.bureau.refused(&reply, doing);
                    failure.code = meaning(&code);
                    failure
                }
                _ if reply.status.is_success() => return Err(self.bureau.malformed(&reply)),
                _ => return Err(self.bureau.refused(&reply, doing)),
            };
            let Some(wait) = wait_before_retry(attempt, &failure, fastrand::f64()) else {
                return Err(failure);
            };
            tracing::debug!(method, %failure, "asking again");
            attempt += 1;
            tokio::time::sleep(wait).await;
        }
    }

    /// Waits until a call may start.
    async fn turn(&self) {
        let at = {
            let mut next = self.next.lock().await;
            let at = next.unwrap_or_else(Instant::now).max(Instant::now());
            *next = Some(at + BETWEEN);
            at
        };
        tokio::time::sleep_until(at).await;
    }

    async fn send(&self, method: &str, body: &str, region: &str) -> Fallible<Reply> {
        let bureau = &self.bureau;
        let named = bureau.environment.text(ENDPOINT_VARIABLE);
        let (name, text) = named.map_or(("the endpoint", ENDPOINT), |text| (ENDPOINT_VARIABLE, text));
        let url = endpoint(text).map_err(|why| bureau.failure(format!("{name} {why}")))?;
        let mut errand = Errand::new(WHO, Method::POST, url)
            .header(CONTENT_TYPE, "application/json")
            .header(METHOD, method)
            .header(OF_VERSION, VERSION)
            .header(REGION, region)
            .body(body);
        let now = (bureau.clocks.wall)();
        sign_for_tencent(&mut errand.request, &self.keys.keys, SERVICE, now).ok_or_else(|| {
            let message = "the request to Tencent Cloud cannot be signed with these keys";
            bureau.failure(message).hint("an id or a token has characters that do not belong there")
        })?;
        bureau.ask(errand).await
    }

    /// The instance that the registry is.
    pub(super) async fn instance(&self, name: &str) -> Fallible<&Instance> {
        self.instance.get_or_try_init(|| Instance::find(self, name)).await
    }

    /// What was answered with success, and is not what it should be.
    pub(super) fn malformed(&self) -> Box<crate::failure::Failure> {
        let mut failure = self.bureau.failure(format!("the answer of {WHO} is not what it should be"));
        failure.code = Code::Protocol;
        failure
    }
}

/// The methods of an instance need not be told which it is.
#[async_trait]
impl Service for Api {
    async fn call(&self, method: &str, body: &str, doing: &str) -> Fallible<Vec<u8>> {
        match &self.host {
            TencentHost::Personal(_) => self.ask(method, body, self.region(), doing).await,
            TencentHost::Enterprise(name) => {
                let Instance { id, region } = self.instance(name).await?;
                let mut given: Map<String, Value> =
                    serde_json::from_str(body).map_err(|_| self.malformed())?;
                given.insert("RegistryId".to_owned(), id.as_str().into());
                self.ask(method, &Value::Object(given).to_string(), region, doing).await
            }
        }
    }
}
