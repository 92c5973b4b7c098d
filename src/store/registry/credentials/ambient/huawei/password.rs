//! The password for SWR, which nobody is asked for.

use super::super::mint::{Issuer, Service};
use super::super::signing::login_key;
use super::Swr;
use crate::failure::Fallible;
use crate::store::registry::renewed::Fresh;
use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;

/// How long a password is used before it is computed anew. It lasts as long as the keys.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

impl Swr {
    /// The user name that goes with the keys.
    pub(in super::super) fn username(&self) -> String {
        format!("{}@{}", self.host.region, self.keys.id)
    }
}

#[async_trait]
impl Issuer for Swr {
    fn service(&self) -> Option<&dyn Service> {
        Some(self)
    }

    async fn issue(&self) -> Fallible<Fresh<SecretString>> {
        let Self { bureau, keys, .. } = self;
        if keys.session.is_some() {
            let message = "SWR takes no password that is made of keys that end";
            let hint = "use keys that stay, or `username` and `password` of a temporary login in the spec";
            return Err(bureau.failure(message).hint(hint));
        }
        let since = (bureau.clocks.steady)();
        Ok(Fresh { value: bureau.mint(login_key(keys).expose_secret()), since, life: LIFE })
    }
}
