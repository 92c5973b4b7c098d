//! What the service of an instance is asked, signed with keys of its account.

use super::super::bureau::{Bureau, Errand, Reply};
use super::super::endpoint::endpoint;
use super::super::mint::Service;
use super::super::signing::{Call, Keys, sign_for_aliyun};
use crate::failure::{Code, Fallible};
use crate::oci::{AliyunHost, AliyunNetwork};
use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;
use url::form_urlencoded::{Serializer, parse};

/// The service of one instance.
pub(in super::super) struct Aliyun {
    pub(in super::super) bureau: Bureau,
    pub(in super::super) host: AliyunHost,
    pub(in super::super) keys: Keys,
    /// The id of the instance, which nothing but its service knows.
    pub(in super::super) id: OnceCell<String>,
}

/// The version of the service's methods.
const VERSION: &str = "2018-12-01";
/// Names another place for the service.
const ENDPOINT: &str = "ALIBABA_CLOUD_CR_ENDPOINT";
/// Instances on a page: an account has a few of them in a region.
const PAGE_INSTANCES: usize = 100;

/// What every answer says of itself: a refusal may come with the status of a success.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Verdict {
    is_success: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Instances {
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Instance {
    instance_id: String,
    instance_name: String,
}

impl Aliyun {
    /// Calls a method about the instance, which must succeed; `parameters` is a query.
    pub(super) async fn about_instance(
        &self,
        method: &str,
        parameters: &str,
        doing: &str,
    ) -> Fallible<Reply> {
        let id = self.id.get_or_try_init(|| self.instance()).await?;
        let query = Serializer::new(String::new())
            .append_pair("InstanceId", id)
            .extend_pairs(parse(parameters.as_bytes()))
            .finish();
        self.asked(method, &query, doing).await
    }

    /// The id of the instance that the registry belongs to.
    async fn instance(&self) -> Fallible<String> {
        let AliyunHost { instance, region, .. } = &self.host;
        let pairs = [("InstanceName", instance.as_str()), ("PageSize", &PAGE_INSTANCES.to_string())];
        let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
        let reply = self.asked("ListInstance", &query, "list the instances of the account").await?;
        let Instances { instances } = self.bureau.read(&reply, "list the instances of the account")?;
        // What was asked for may be a part of other names too.
        let found = instances.into_iter().find(|one| one.instance_name == *instance);
        found.map(|one| one.instance_id).ok_or_else(|| {
            let message = format!("the account has no instance {instance} in {region}");
            self.bureau.failure(message).hint("the keys may be those of another account")
        })
    }

    async fn asked(&self, method: &str, query: &str, doing: &str) -> Fallible<Reply> {
        let Self { bureau, keys, .. } = self;
        let mut url = self.api()?;
        url.set_query(Some(query));
        let mut errand = Errand::new("Alibaba Cloud", Method::POST, url);
        // No two calls of an account have the same.
        let nonce = format!("{:032x}", fastrand::u128(..));
        let call = Call { method, version: VERSION, nonce: &nonce };
        let now = (bureau.clocks.wall)();
        sign_for_aliyun(&mut errand.request, keys, &call, now).ok_or_else(|| {
            let mut failure = bureau.failure("the request to Alibaba Cloud cannot be signed with these keys");
            failure.code = Code::CredentialUnavailable;
            failure.hint("an access key or a security token has characters that do not belong there")
        })?;
        let reply = bureau.ask(errand).await?;
        let verdict = serde_json::from_slice::<Verdict>(&reply.body);
        match verdict.map(|verdict| verdict.is_success) {
            _ if !reply.status.is_success() => Err(bureau.refused(&reply, doing)),
            Ok(Some(false)) => Err(bureau.refused(&reply, doing)),
            Ok(_) => Ok(reply),
            Err(_) => Err(bureau.malformed(&reply)),
        }
    }

    /// Where the service of the region answers, in the network that the registry is in.
    fn api(&self) -> Fallible<Url> {
        let AliyunHost { region, network, .. } = &self.host;
        let usual = match network {
            AliyunNetwork::Public => format!("https://cr.{region}.aliyuncs.com/"),
            AliyunNetwork::Private => format!("https://cr-vpc.{region}.aliyuncs.com/"),
        };
        let text = self.bureau.environment.text(ENDPOINT).unwrap_or(&usual);
        endpoint(text).map_err(|why| self.bureau.failure(format!("${ENDPOINT} {why}")))
    }
}

#[async_trait]
impl Service for Aliyun {
    /// `body` is a query: what the method is given beside the instance.
    async fn call(&self, method: &str, body: &str, doing: &str) -> Fallible<Vec<u8>> {
        self.about_instance(method, body, doing).await.map(|reply| reply.body)
    }
}
