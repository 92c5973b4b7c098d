//! The password for an instance of the enterprise edition: `CreateInstanceToken`, for an hour.

use super::super::mint::{Issuer, Service};
use super::api::Api;
use crate::failure::Fallible;
use crate::store::registry::renewed::Fresh;
use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

/// Gives passwords for one instance.
pub(in super::super) struct Tcr {
    api: Arc<Api>,
    /// Whose they are: told with the first one, and always the same.
    username: OnceLock<String>,
}

/// What the user is called before that is told.
pub(in super::super) const USERNAME: &str = "of the account";
/// How long a password lasts, by the cloud's documentation.
const LIFE_MAX: Duration = Duration::from_secs(60 * 60);
/// How long one is used whose end is not told.
const LIFE_DEFAULT: Duration = Duration::from_secs(10 * 60);

/// Tencent Cloud TCR API, "CreateInstanceToken".
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    token: String,
    /// Milliseconds since 1970.
    #[serde(default)]
    exp_time: Option<u64>,
}

impl Tcr {
    pub(in super::super) fn new(api: Arc<Api>) -> Self {
        Self { api, username: OnceLock::new() }
    }
}

#[async_trait]
impl Issuer for Tcr {
    fn username(&self) -> Option<&str> {
        self.username.get().map(String::as_str)
    }

    async fn issue(&self) -> Fallible<Fresh<SecretString>> {
        let bureau = &self.api.bureau;
        let since = (bureau.clocks.steady)();
        let now = (bureau.clocks.wall)();
        let answer =
            self.api.call("CreateInstanceToken", r#"{"TokenType":"temp"}"#, "give a password").await?;
        let malformed = || self.api.malformed();
        let Answer { username, token, exp_time } =
            serde_json::from_slice(&answer).map_err(|_| malformed())?;
        if username.is_empty() || username.contains(':') || token.is_empty() {
            return Err(malformed());
        }
        let life = life(exp_time, now);
        tracing::debug!(registry = %bureau.registry, life_seconds = life.as_secs(), "password of TCR received");
        let known = self.username.get_or_init(|| username.clone());
        if *known != username {
            return Err(malformed());
        }
        Ok(Fresh { value: bureau.mint(token), since, life })
    }
}

/// What is left until the time of day that a password ends, as far as our clock can tell.
fn life(end_ms: Option<u64>, now: SystemTime) -> Duration {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    match end_ms.filter(|end| *end > 0) {
        Some(end) => Duration::from_millis(end).saturating_sub(now).min(LIFE_MAX),
        None => LIFE_DEFAULT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_ends_when_it_is_told_within_reason() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        for (end_ms, seconds) in [
            (Some(1_100_500), 100),
            (Some(999_000), 0),
            (Some(u64::MAX), LIFE_MAX.as_secs()),
            (Some(0), LIFE_DEFAULT.as_secs()),
            (None, LIFE_DEFAULT.as_secs()),
        ] {
            assert_eq!(life(end_ms, now).as_secs(), seconds, "{end_ms:?}");
        }
    }
}
