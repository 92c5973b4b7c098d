//! A token of the identity that Azure gave the machine.

use super::super::bureau::{Bureau, Errand};
use super::super::carrier::Route;
use super::super::endpoint::endpoint;
use super::AUDIENCE;
use crate::failure::Fallible;
use reqwest::header::HeaderName;
use secrecy::SecretString;
use serde::Deserialize;

/// The service beside an app or a container, and the secret that it wants to see.
const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const SECRET: &str = "IDENTITY_HEADER";
/// The metadata service of a machine, and the variable that names another.
const METADATA: &str = "http://169.254.169.254";
const METADATA_VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

#[derive(Deserialize)]
struct Answer {
    access_token: String,
}

/// Whether the environment says that there is one.
pub(super) fn is_named(bureau: &Bureau) -> bool {
    let set = |name| bureau.environment.text(name).is_some();
    (set(ENDPOINT) && set(SECRET)) || set(METADATA_VARIABLE)
}

/// A token of the machine's identity, or of the one of several that `client` names.
pub(super) async fn token(client: Option<&str>, bureau: &Bureau) -> Fallible<SecretString> {
    let environment = &bureau.environment;
    let beside = environment.text(ENDPOINT).zip(environment.secret(SECRET));
    let (variable, text, version) = match &beside {
        Some((text, _)) => (ENDPOINT, (*text).to_owned(), "2019-08-01"),
        None => {
            let host = environment.text(METADATA_VARIABLE).unwrap_or(METADATA).trim_end_matches('/');
            (METADATA_VARIABLE, format!("{host}/metadata/identity/oauth2/token"), "2018-02-01")
        }
    };
    let mut url = endpoint(&text).map_err(|why| bureau.failure(format!("${variable} {why}")))?;
    url.query_pairs_mut()
        .append_pair("api-version", version)
        .append_pair("resource", AUDIENCE)
        .extend_pairs(client.map(|client| ("client_id", client)));
    let route = match is_named(bureau) {
        true => Route::Machine,
        false => Route::Probe,
    };
    let errand = Errand::get("the identity service of the machine", url).by(route);
    let errand = match &beside {
        Some((_, secret)) => errand.secret(HeaderName::from_static("x-identity-header"), secret),
        None => errand.header(HeaderName::from_static("metadata"), "true"),
    };
    let Answer { access_token } = bureau.json(errand, "give a token").await?;
    Ok(bureau.mint(access_token))
}
