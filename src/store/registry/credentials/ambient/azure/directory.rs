//! Asks Azure's directory for a token: the client credentials of OAuth 2.

use super::super::bureau::{Bureau, Errand, Reply};
use super::super::endpoint::endpoint;
use super::super::id_token::IdTokenSource;
use super::AUDIENCE;
use super::source::Application;
use crate::failure::Fallible;
use crate::oci::AzureCloud;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// For whom an identity token is by default: what Azure's guides have people enter.
const ID_TOKEN_AUDIENCE: &str = "api://AzureADTokenExchange";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DOING: &str = "give a token";

#[derive(Deserialize)]
struct Answer {
    access_token: String,
}

pub(super) async fn by_secret(
    application: &Application,
    secret: &SecretString,
    cloud: AzureCloud,
    bureau: &Bureau,
) -> Fallible<SecretString> {
    let reply = ask(application, &[("client_secret", secret.expose_secret())], cloud, bureau).await?;
    let Answer { access_token } = bureau.read(&reply, DOING)?;
    Ok(bureau.mint(access_token))
}

pub(super) async fn by_id_token(
    application: &Application,
    token: &IdTokenSource,
    audience: Option<&str>,
    cloud: AzureCloud,
    bureau: &Bureau,
) -> Fallible<SecretString> {
    let proof = token.for_audience(bureau, audience, ID_TOKEN_AUDIENCE).await?;
    let pairs = [("client_assertion_type", ASSERTION), ("client_assertion", proof.expose_secret())];
    let reply = ask(application, &pairs, cloud, bureau).await?;
    if !reply.status.is_success() {
        return Err(token.explain(&proof, ID_TOKEN_AUDIENCE, bureau.refused(&reply, DOING)));
    }
    let Answer { access_token } = bureau.read(&reply, DOING)?;
    Ok(bureau.mint(access_token))
}

async fn ask(
    application: &Application,
    proof: &[(&str, &str)],
    cloud: AzureCloud,
    bureau: &Bureau,
) -> Fallible<Reply> {
    const VARIABLE: &str = "AZURE_AUTHORITY_HOST";
    let usual = match cloud {
        AzureCloud::Public => "https://login.microsoftonline.com/",
        AzureCloud::China => "https://login.chinacloudapi.cn/",
        AzureCloud::UsGovernment => "https://login.microsoftonline.us/",
    };
    let authority = bureau.environment.text(VARIABLE).unwrap_or(usual);
    // Microsoft's programs take it with and without a scheme.
    let authority = match authority.contains("://") {
        true => authority.to_owned(),
        false => format!("https://{authority}"),
    };
    let mut url = endpoint(&authority).map_err(|why| bureau.failure(format!("${VARIABLE} {why}")))?;
    url.set_path(&format!("/{}/oauth2/v2.0/token", application.tenant));
    let scope = format!("{AUDIENCE}/.default");
    let mut pairs =
        vec![("grant_type", "client_credentials"), ("client_id", &application.client), ("scope", &scope)];
    pairs.extend_from_slice(proof);
    bureau.ask(Errand::form("Azure's directory", url, &pairs)).await
}
