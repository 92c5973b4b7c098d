//! An access token by the word of somebody whom Google believes: workload identity federation, by
//! token exchange (RFC 8693).

use super::super::bureau::{Bureau, Errand};
use super::super::endpoint::endpoint;
use super::super::id_token::IdTokenSource;
use super::key_file::{ExternalAccount, Subject, broken};
use super::{AccessToken, SCOPE};
use crate::failure::Fallible;
use reqwest::header::HeaderName;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

const TOKEN_URL: &str = "https://sts.googleapis.com/v1/token";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const WHO: &str = "Google's token service";
const DOING: &str = "take the identity token";

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default = "default_seconds")]
    expires_in: u64,
}

/// Where the answer does not say, in seconds.
fn default_seconds() -> u64 {
    3600
}

/// By the identity token of the CI system, for a provider that the spec names.
pub(super) async fn by_provider(
    provider: &str,
    token: &IdTokenSource,
    audience: Option<&str>,
    bureau: &Bureau,
) -> Fallible<AccessToken> {
    let usual = format!("https://iam.googleapis.com/{provider}");
    let proof = token.for_audience(bureau, audience, &usual).await?;
    let url = endpoint(TOKEN_URL).map_err(|why| bureau.failure(why))?;
    let errand = exchange(url, &format!("//iam.googleapis.com/{provider}"), JWT, &proof);
    let reply = bureau.ask(errand).await?;
    if !reply.status.is_success() {
        return Err(token.explain(&proof, &usual, bureau.refused(&reply, DOING)));
    }
    let Answer { access_token, expires_in } = bureau.read(&reply, DOING)?;
    Ok(AccessToken::new(bureau.mint(access_token), expires_in))
}

/// By the file that Google makes for a provider.
pub(super) async fn by_file(file: &ExternalAccount, bureau: &Bureau) -> Fallible<AccessToken> {
    let ExternalAccount { audience, subject_token_type, token_url, credential_source, .. } = file;
    let url = endpoint(token_url).map_err(|why| broken(bureau, &format!("a file whose token_url {why}")))?;
    let proof = subject(credential_source, bureau).await?;
    let errand = exchange(url, audience, subject_token_type.as_deref().unwrap_or(JWT), &proof);
    let Answer { access_token, expires_in } = bureau.json(errand, DOING).await?;
    Ok(AccessToken::new(bureau.mint(access_token), expires_in))
}

fn exchange(url: Url, audience: &str, kind: &str, proof: &SecretString) -> Errand {
    Errand::form(
        WHO,
        url,
        &[
            ("grant_type", GRANT),
            ("audience", audience),
            ("scope", SCOPE),
            ("requested_token_type", ACCESS_TOKEN),
            ("subject_token_type", kind),
            ("subject_token", proof.expose_secret()),
        ],
    )
}

/// The proof that the file speaks of.
async fn subject(source: &Subject, bureau: &Bureau) -> Fallible<SecretString> {
    let text = match source {
        Subject { file: Some(path), .. } => tokio::fs::read_to_string(path).await.map_err(|error| {
            let place = bureau.environment.short(path);
            broken(bureau, &format!("a file whose token {place} cannot be read: {}", error.kind()))
        })?,
        Subject { url: Some(url), headers, .. } => {
            let url = endpoint(url)
                .map_err(|why| broken(bureau, &format!("a file whose credential_source.url {why}")))?;
            let mut errand = Errand::get("the issuer of the identity token", url);
            for (name, value) in headers.iter().flatten() {
                let name = HeaderName::try_from(name.as_str())
                    .map_err(|_| broken(bureau, "a file whose credential_source.headers are none"))?;
                errand = errand.secret(name, &value.0);
            }
            let reply = bureau.ask(errand).await?;
            if !reply.status.is_success() {
                return Err(bureau.refused(&reply, "give an identity token"));
            }
            String::from_utf8(reply.body.clone()).map_err(|_| bureau.malformed(&reply))?
        }
        _ => {
            return Err(broken(bureau, "a file whose credential_source is neither a file nor a URL")
                .hint("programs and the environments of other clouds are not run: use `helper: gcloud`"));
        }
    };
    let token = match source.format.as_ref().filter(|format| format.kind == "json") {
        None => Some(text.trim().to_owned()),
        Some(format) => serde_json::from_str::<Value>(&text).ok().and_then(|value| {
            let field = format.subject_token_field_name.as_deref().unwrap_or("access_token");
            value.get(field)?.as_str().map(str::to_owned)
        }),
    };
    match token.filter(|token| !token.is_empty()) {
        Some(token) => Ok(bureau.mint(token)),
        None => Err(broken(bureau, "a file whose credential_source gave no token")),
    }
}
