//! The password for an instance: `GetAuthorizationToken`.

use super::super::mint::{Issuer, Service, until};
use super::Aliyun;
use crate::failure::Fallible;
use crate::store::registry::renewed::Fresh;
use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;

/// The user name that goes with every such password.
pub(in super::super) const USERNAME: &str = "cr_temp_user";
/// How long a password is used at most. It lasts an hour, by the guide.
const LIFE_MAX: Duration = Duration::from_secs(60 * 60);
/// What makes seconds of the time that it tells, which is in milliseconds.
const MILLISECONDS: f64 = 1000.0;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    temp_username: String,
    authorization_token: String,
    /// In milliseconds since 1970.
    expire_time: Option<f64>,
}

#[async_trait]
impl Issuer for Aliyun {
    fn service(&self) -> Option<&dyn Service> {
        Some(self)
    }

    async fn issue(&self) -> Fallible<Fresh<SecretString>> {
        let Self { bureau, .. } = self;
        let since = (bureau.clocks.steady)();
        let now = (bureau.clocks.wall)();
        let reply = self.about_instance("GetAuthorizationToken", "", "give a password").await?;
        let Answer { temp_username, authorization_token, expire_time } =
            bureau.read(&reply, "give a password")?;
        if temp_username != USERNAME || authorization_token.is_empty() {
            return Err(bureau.malformed(&reply));
        }
        let life = until(expire_time.map(|time| time / MILLISECONDS), now, LIFE_MAX).unwrap_or(LIFE_MAX);
        let life_seconds = life.as_secs();
        tracing::debug!(registry = %bureau.registry, life_seconds, "password of ACR EE received");
        Ok(Fresh { value: bureau.mint(authorization_token), since, life })
    }
}
