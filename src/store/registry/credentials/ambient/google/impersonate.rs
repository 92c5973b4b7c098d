//! An access token of a service account, by one that may impersonate it.

use super::super::bureau::{Bureau, Errand};
use super::super::endpoint::endpoint;
use super::{AccessToken, SCOPE};
use crate::failure::Fallible;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: String,
    expire_time: String,
}

/// For how long a token is asked: the longest that every project allows.
const LIFE: &str = "3600s";
/// How long one is used whose end is not legible.
const LIFE_DEFAULT: Duration = Duration::from_secs(300);

/// Where the service account `email` is impersonated.
pub(super) fn url_of(email: &str) -> String {
    format!("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{email}:generateAccessToken")
}

/// `url` is as key files have it.
pub(super) async fn token(url: &str, base: &AccessToken, bureau: &Bureau) -> Fallible<AccessToken> {
    let url = endpoint(url)
        .map_err(|why| bureau.failure(format!("the URL to impersonate a service account {why}")))?;
    let errand = Errand::new("Google's credential service", Method::POST, url)
        .header(CONTENT_TYPE, "application/json")
        .bearer(&base.token)
        .body(json!({ "scope": [SCOPE], "lifetime": LIFE }).to_string());
    let Answer { access_token, expire_time } =
        bureau.json(errand, "let us impersonate the service account").await?;
    let now = OffsetDateTime::from((bureau.clocks.wall)());
    let end = OffsetDateTime::parse(&expire_time, &Rfc3339).ok();
    let life = end.map_or(LIFE_DEFAULT, |end| Duration::try_from(end - now).unwrap_or_default());
    Ok(AccessToken::new(bureau.mint(access_token), life.as_secs()))
}
