//! The password for a registry of Azure: what the registry gives for a token of the directory.

use super::super::bureau::{Bureau, Errand};
use super::super::mint::Issuer;
use super::AzureSource;
use crate::failure::Fallible;
use crate::oci::AzureCloud;
use crate::store::registry::renewed::Fresh;
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// Gives passwords for one registry.
pub(in super::super) struct Acr {
    pub(in super::super) bureau: Bureau,
    pub(in super::super) source: AzureSource,
    pub(in super::super) cloud: AzureCloud,
    /// Where the registry answers.
    pub(in super::super) registry: Url,
}

/// The user name that goes with every such password.
pub(in super::super) const USERNAME: &str = "00000000-0000-0000-0000-000000000000";
/// How long a password is used. It lasts three hours, which the answer does not say.
const LIFE: Duration = Duration::from_secs(2 * 60 * 60);

#[derive(Deserialize)]
struct Answer {
    refresh_token: String,
}

#[async_trait]
impl Issuer for Acr {
    async fn issue(&self) -> Fallible<Fresh<SecretString>> {
        let Self { bureau, source, cloud, registry } = self;
        let since = (bureau.clocks.steady)();
        let token = source.token(*cloud, bureau).await?;
        let mut url = registry.clone();
        url.set_path("/oauth2/exchange");
        let service = bureau.registry.to_string();
        let pairs =
            [("grant_type", "access_token"), ("service", &service), ("access_token", token.expose_secret())];
        let errand = Errand::form("the registry", url, &pairs);
        let Answer { refresh_token } = bureau.json(errand, "take the token of Azure's directory").await?;
        Ok(Fresh { value: bureau.mint(refresh_token), since, life: LIFE })
    }
}
