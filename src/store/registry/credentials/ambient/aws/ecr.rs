//! The password for a registry of ECR: `GetAuthorizationToken`, signed with keys of an account.

use super::super::bureau::{Bureau, Errand, Reply};
use super::super::endpoint::endpoint;
use super::super::mint::{Issuer, Service, until};
use super::super::signing::{Scope, sign_for_amazon};
use super::KeySource;
use crate::failure::{Code, Failure, Fallible};
use crate::oci::EcrHost;
use crate::store::registry::renewed::Fresh;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName};
use secrecy::SecretString;
use serde::Deserialize;
use std::time::{Duration, SystemTime};
use url::Url;

/// Gives passwords for one registry.
pub(in super::super) struct Ecr {
    pub(in super::super) bureau: Bureau,
    pub(in super::super) service: EcrService,
    pub(in super::super) keys: KeySource,
}

/// The service that knows the password of a registry.
#[derive(Debug, Clone)]
pub(in super::super) enum EcrService {
    /// That of an account in a region.
    Private(EcrHost),
    /// That of the public gallery, which is in one region only.
    Public,
}

/// The user name that goes with every password of ECR.
pub(in super::super) const USERNAME: &str = "AWS";
/// Where the public gallery is kept.
const PUBLIC_REGION: &str = "us-east-1";
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
/// How long a password lasts, by Amazon's guide.
const LIFE_MAX: Duration = Duration::from_secs(12 * 60 * 60);
/// How long one is used whose end is not told.
const LIFE_DEFAULT: Duration = Duration::from_secs(60 * 60);

/// One password, or a list of one: the public service and the private one differ in that.
#[derive(Deserialize)]
#[serde(untagged)]
enum Data {
    One(Authorization),
    List(Vec<Authorization>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    authorization_data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorization {
    authorization_token: String,
    #[serde(default)]
    expires_at: Option<f64>,
}

impl EcrService {
    pub(super) fn region(&self) -> &str {
        match self {
            Self::Private(host) => &host.region,
            Self::Public => PUBLIC_REGION,
        }
    }

    /// Where passwords are asked for.
    pub(super) fn api(&self, bureau: &Bureau) -> Fallible<Url> {
        let (variable, usual) = match self {
            Self::Private(EcrHost { region, domain, fips: false }) => {
                ("AWS_ENDPOINT_URL_ECR", format!("https://api.ecr.{region}.{domain}/"))
            }
            Self::Private(EcrHost { region, domain, fips: true }) => {
                ("AWS_ENDPOINT_URL_ECR", format!("https://ecr-fips.{region}.{domain}/"))
            }
            Self::Public => (
                "AWS_ENDPOINT_URL_ECR_PUBLIC",
                format!("https://api.ecr-public.{PUBLIC_REGION}.amazonaws.com/"),
            ),
        };
        named_or(variable, &usual, bureau)
    }

    /// Where roles are taken on: in the registry's own region, so that a run depends on no other.
    pub(super) fn sts(&self, bureau: &Bureau) -> Fallible<Url> {
        let domain = match self {
            Self::Private(host) => host.domain,
            Self::Public => "amazonaws.com",
        };
        named_or("AWS_ENDPOINT_URL_STS", &format!("https://sts.{}.{domain}/", self.region()), bureau)
    }

    /// The service's name in signatures, and what stands before the name of a method in requests.
    pub(super) fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::Private(_) => ("ecr", "AmazonEC2ContainerRegistry_V20150921"),
            Self::Public => ("ecr-public", "SpencerFrontendService"),
        }
    }
}

/// The endpoint that the environment names for a service, or for all.
fn named_or(variable: &'static str, usual: &str, bureau: &Bureau) -> Fallible<Url> {
    let environment = &bureau.environment;
    let ignored = environment.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    let named = [variable, "AWS_ENDPOINT_URL"].into_iter().filter(|_| !ignored);
    let found = named.filter_map(|name| Some((name, environment.text(name)?))).next();
    let (name, text) = found.unwrap_or(("the endpoint", usual));
    endpoint(text).map_err(|why| bureau.failure(format!("{name} {why}")))
}

impl Ecr {
    /// Calls a method of the service, signed; any answer.
    pub(super) async fn asked(&self, method: &str, body: &str) -> Fallible<Reply> {
        let Self { bureau, service, keys } = self;
        let url = service.api(bureau)?;
        let keys = keys.keys(service, bureau).await?;
        let (name, before) = service.names();
        let mut errand = Errand::new("Amazon ECR", Method::POST, url)
            .header(CONTENT_TYPE, "application/x-amz-json-1.1")
            .header(TARGET, &format!("{before}.{method}"))
            .body(body);
        let scope = Scope { region: service.region(), service: name };
        let now = (bureau.clocks.wall)();
        sign_for_amazon(&mut errand.request, &keys, &scope, now).ok_or_else(|| unfit(bureau))?;
        bureau.ask(errand).await
    }
}

#[async_trait]
impl Issuer for Ecr {
    fn service(&self) -> Option<&dyn Service> {
        Some(self)
    }

    async fn issue(&self) -> Fallible<Fresh<SecretString>> {
        let Self { bureau, .. } = self;
        let since = (bureau.clocks.steady)();
        let now = (bureau.clocks.wall)();
        let reply = self.asked("GetAuthorizationToken", "{}").await?;
        let Answer { authorization_data } = bureau.read(&reply, "give a password")?;
        let Authorization { authorization_token, expires_at } = match authorization_data {
            Data::One(one) => Some(one),
            Data::List(list) => list.into_iter().next(),
        }
        .ok_or_else(|| bureau.malformed(&reply))?;
        let password = password(&authorization_token).ok_or_else(|| bureau.malformed(&reply))?;
        let life = life(expires_at, now);
        tracing::debug!(
            registry = %bureau.registry,
            life_seconds = life.as_secs(),
            "password of ECR received"
        );
        Ok(Fresh { value: bureau.mint(password), since, life })
    }
}

fn unfit(bureau: &Bureau) -> Box<Failure> {
    let mut failure = bureau.failure("the request to Amazon ECR cannot be signed with these keys");
    failure.code = Code::CredentialUnavailable;
    failure.hint("an access key or a session token has characters that do not belong there")
}

/// `AWS:PASSWORD` in base64.
fn password(token: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    (user == USERNAME && !password.is_empty()).then(|| password.to_owned())
}

/// What is left of a password.
fn life(expires_at: Option<f64>, now: SystemTime) -> Duration {
    until(expires_at, now, LIFE_MAX).unwrap_or(LIFE_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stands_behind_its_user() {
        let packed = |text: &str| password(&STANDARD.encode(text));
        assert_eq!(packed("AWS:a:b").as_deref(), Some("a:b"));
        for wrong in ["AWS:", "AWS", "bob:x", ""] {
            assert_eq!(packed(wrong), None, "{wrong}");
        }
        assert_eq!(password("!"), None);
    }

    #[test]
    fn a_life_ends_when_it_is_told_within_reason() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        for (end, seconds) in [
            (Some(1_100.5), 100),
            (Some(999.0), 0),
            (Some(1e18), LIFE_MAX.as_secs()),
            (Some(f64::NAN), LIFE_DEFAULT.as_secs()),
            (None, LIFE_DEFAULT.as_secs()),
        ] {
            assert_eq!(life(end, now).as_secs(), seconds, "{end:?}");
        }
    }
}
