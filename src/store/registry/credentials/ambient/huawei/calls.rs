//! What the service of SWR is asked, signed with keys of an account.

use super::super::bureau::{Bureau, Errand};
use super::super::endpoint::endpoint;
use super::super::mint::Service;
use super::super::signing::{Keys, sign_for_huawei};
use crate::failure::{Code, Fallible};
use crate::oci::SwrHost;
use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName};
use url::Url;

/// The service of a region.
pub(in super::super) struct Swr {
    pub(in super::super) bureau: Bureau,
    pub(in super::super) host: SwrHost,
    pub(in super::super) keys: Keys,
}

const PROJECT: HeaderName = HeaderName::from_static("x-project-id");
/// The project that is meant, where it is not the one that the region has for everybody.
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
/// Names another place for the service, with the region behind it, as `…_SWR_CN_NORTH_4`.
const ENDPOINT: &str = "HUAWEICLOUD_SDK_REGION_SWR_";

impl Swr {
    /// Where the service of the region answers.
    fn api(&self) -> Fallible<Url> {
        let SwrHost { region, domain } = &self.host;
        let variable = format!("{ENDPOINT}{}", region.to_ascii_uppercase().replace('-', "_"));
        let usual = format!("https://swr-api.{region}.{domain}/");
        let text = self.bureau.environment.text(&variable).unwrap_or(&usual);
        endpoint(text).map_err(|why| self.bureau.failure(format!("${variable} {why}")))
    }
}

#[async_trait]
impl Service for Swr {
    /// `method` is that of HTTP with a path and a query behind it, `body` is JSON or nothing.
    async fn call(&self, method: &str, body: &str, doing: &str) -> Fallible<Vec<u8>> {
        let Self { bureau, keys, .. } = self;
        let (method, place) = method.split_once(' ').unwrap_or(("GET", method));
        let malformed = || bureau.failure("a call of SWR is none");
        let url = self.api()?.join(place).map_err(|_| malformed())?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| malformed())?;
        let mut errand = Errand::new("Huawei Cloud", method, url).header(CONTENT_TYPE, "application/json");
        if !body.is_empty() {
            errand = errand.body(body);
        }
        if let Some(project) = bureau.environment.text(PROJECT_ID) {
            errand = errand.header(PROJECT, project);
        }
        let now = (bureau.clocks.wall)();
        sign_for_huawei(&mut errand.request, keys, now).ok_or_else(|| {
            let mut failure = bureau.failure("the request to Huawei Cloud cannot be signed with these keys");
            failure.code = Code::CredentialUnavailable;
            failure.hint("an access key or a security token has characters that do not belong there")
        })?;
        let reply = bureau.ask(errand).await?;
        match reply.status.is_success() {
            true => Ok(reply.body),
            false => Err(bureau.refused(&reply, doing)),
        }
    }
}
