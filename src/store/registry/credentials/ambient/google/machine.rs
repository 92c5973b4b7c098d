//! An access token of the machine's service account, by the metadata server.

use super::super::bureau::{Bureau, Errand};
use super::super::carrier::Route;
use super::super::endpoint::endpoint;
use super::AccessToken;
use crate::failure::Fallible;
use reqwest::header::HeaderName;
use serde::Deserialize;

/// The address, rather than its name: nobody needs to be asked for it.
const HOST: &str = "169.254.169.254";
/// The variable that names another, with which the environment says that there is one.
const VARIABLE: &str = "GCE_METADATA_HOST";
const PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/token";
const FLAVOR: HeaderName = HeaderName::from_static("metadata-flavor");

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

/// Whether the environment says that there is a metadata server.
pub(super) fn is_named(bureau: &Bureau) -> bool {
    bureau.environment.text(VARIABLE).is_some()
}

pub(super) async fn token(bureau: &Bureau) -> Fallible<AccessToken> {
    let (host, route) = match bureau.environment.text(VARIABLE) {
        Some(host) => (host, Route::Machine),
        None => (HOST, Route::Probe),
    };
    // It has a name too, which only its own network knows; by any other it must be an address.
    let own_name = host == "metadata.google.internal";
    let host = if own_name { HOST } else { host };
    let url = endpoint(&format!("http://{host}{PATH}"))
        .map_err(|why| bureau.failure(format!("the metadata server that {VARIABLE} names {why}")))?;
    let errand = Errand::get("the metadata server", url).by(route).header(FLAVOR, "Google");
    let reply = bureau.ask(errand).await?;
    let genuine = reply.headers.get(FLAVOR).is_some_and(|value| value == "Google");
    if reply.status.is_success() && !genuine {
        return Err(bureau.malformed(&reply));
    }
    let Answer { access_token, expires_in } = bureau.read(&reply, "give a token")?;
    Ok(AccessToken::new(bureau.mint(access_token), expires_in))
}
