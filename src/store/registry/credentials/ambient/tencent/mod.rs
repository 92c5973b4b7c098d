//! Tencent Cloud: keys of an account, the API that they sign for, and the passwords that it gives.

mod answer;
mod api;
mod instance;
mod signature;
mod token;

pub(super) use api::Api;
pub(super) use token::{Tcr, USERNAME};

use super::bureau::Bureau;
use crate::access::CloudKeys;
use crate::failure::Fallible;

/// Keys, and where they are from: completes the phrase "TCR by …".
pub(super) type Found = (CloudKeys, &'static str);

/// The keys of the spec, or else those that the environment has; none when it has none.
pub(super) fn keys(written: Option<&CloudKeys>, bureau: &Bureau) -> Fallible<Option<Found>> {
    if let Some(keys) = written {
        return Ok(Some((keys.clone(), "`cloud_keys` in the spec")));
    }
    let environment = &bureau.environment;
    let (id, secret) =
        (environment.text("TENCENTCLOUD_SECRET_ID"), environment.secret("TENCENTCLOUD_SECRET_KEY"));
    match (id, secret) {
        (Some(id), Some(secret)) => {
            let token = ["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"];
            let token = token.into_iter().find_map(|name| environment.secret(name));
            let region = environment.text("TENCENTCLOUD_REGION").map(str::to_owned);
            let keys = CloudKeys { id: id.trim().to_owned(), secret, token, region };
            Ok(Some((keys, "keys from the environment")))
        }
        (None, None) => Ok(None),
        _ => {
            let message = "only one of TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY is set";
            Err(bureau.failure(message).hint("set both, or none"))
        }
    }
}
