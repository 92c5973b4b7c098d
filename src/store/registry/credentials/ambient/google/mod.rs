//! Google Artifact Registry: access tokens, by a key, by another's word, or by the machine.

mod external;
mod impersonate;
mod key_file;
mod machine;
mod service_account;
mod source;

pub(super) use source::{Gar, GoogleSource, USERNAME};

use secrecy::SecretString;
use std::time::Duration;

/// What an access token is asked for. What it may do there is decided by the roles of the account.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// An access token, and how long it lasts.
struct AccessToken {
    token: SecretString,
    life: Duration,
}

/// Longest life that is believed: what Google gives lasts an hour.
const LIFE_MAX: Duration = Duration::from_secs(60 * 60);

impl AccessToken {
    fn new(token: SecretString, seconds: u64) -> Self {
        Self { token, life: Duration::from_secs(seconds).min(LIFE_MAX) }
    }
}
