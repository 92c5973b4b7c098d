//! An access token by the key of a service account: RFC 7523.

use super::super::bureau::{Bureau, Errand};
use super::super::endpoint::endpoint;
use super::super::jwt;
use super::key_file::{AccountKey, broken};
use super::{AccessToken, SCOPE};
use crate::failure::Fallible;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use std::time::SystemTime;

const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// For how long a token is asked, in seconds: the longest that there is.
const LIFE_SECONDS: u64 = 3600;

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

pub(super) async fn token(key: &AccountKey, bureau: &Bureau) -> Fallible<AccessToken> {
    let uri = key.token_uri.as_deref().unwrap_or(TOKEN_URI);
    let url = endpoint(uri).map_err(|why| broken(bureau, &format!("a file whose token_uri {why}")))?;
    let now = (bureau.clocks.wall)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let claims = json!({
        "iss": key.client_email, "scope": SCOPE, "aud": uri, "iat": now, "exp": now + LIFE_SECONDS,
    });
    let assertion = jwt::sign(&claims, &key.private_key.0, key.private_key_id.as_deref())
        .map_err(|why| broken(bureau, &format!("a file whose private_key {why}")))?;
    let pairs = [("grant_type", GRANT), ("assertion", assertion.expose_secret())];
    let errand = Errand::form("Google's token service", url, &pairs);
    let Answer { access_token, expires_in } =
        bureau.json(errand, "take the key of the service account").await?;
    Ok(AccessToken::new(bureau.mint(access_token), expires_in))
}
