//! Tencent Cloud: keys of an account, the API that they sign for, and the passwords that it gives.

mod answer;
mod api;
mod instance;
mod token;

pub(super) use api::Api;
pub(super) use token::{Tcr, USERNAME};

use super::bureau::Bureau;
use super::keys::Variables;
use super::signing::Keys;
use crate::access::CloudKeys;
use crate::failure::Fallible;

/// Keys, and what is known of them.
pub(super) struct Found {
    pub(super) keys: Keys,
    /// The region whose API is asked; none means that what is asked about tells.
    pub(super) region: Option<String>,
    /// Where they are from: completes the phrase "TCR by …".
    pub(super) from: &'static str,
}

const VARIABLES: Variables = Variables {
    id: "TENCENTCLOUD_SECRET_ID",
    secret: "TENCENTCLOUD_SECRET_KEY",
    session: "TENCENTCLOUD_TOKEN",
};

/// The keys of the spec, or else those that the environment has; none when it has none.
pub(super) fn keys(written: Option<&CloudKeys>, bureau: &Bureau) -> Fallible<Option<Found>> {
    if let Some(CloudKeys { id, secret, token, region }) = written {
        let keys = Keys { id: id.clone(), secret: secret.clone(), session: token.clone() };
        return Ok(Some(Found { keys, region: region.clone(), from: "`cloud_keys` in the spec" }));
    }
    let Some(keys) = VARIABLES.keys(bureau)? else { return Ok(None) };
    let region = bureau.environment.text("TENCENTCLOUD_REGION").map(str::to_owned);
    Ok(Some(Found { keys, region, from: "keys from the environment" }))
}
