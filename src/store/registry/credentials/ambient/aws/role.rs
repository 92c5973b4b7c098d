//! Takes on a role with an identity token: `AssumeRoleWithWebIdentity` of AWS STS.

use super::super::bureau::{Bureau, Errand};
use super::super::id_token::IdTokenSource;
use super::super::refusal::element;
use super::Keys;
use super::ecr::EcrService;
use crate::failure::Fallible;
use secrecy::ExposeSecret;

/// For whom an identity token is by default: what Amazon's guides have people enter.
const AUDIENCE: &str = "sts.amazonaws.com";
/// What the session is called in Amazon's logs, unless `AWS_ROLE_SESSION_NAME` says otherwise.
const SESSION_NAME: &str = "crossdock";

pub(super) async fn keys(
    arn: &str,
    token: &IdTokenSource,
    audience: Option<&str>,
    service: &EcrService,
    bureau: &Bureau,
) -> Fallible<Keys> {
    let endpoint = service.sts(bureau)?;
    let proof = token.for_audience(bureau, audience, AUDIENCE).await?;
    let session = bureau.environment.text("AWS_ROLE_SESSION_NAME").unwrap_or(SESSION_NAME);
    let errand = Errand::form(
        "AWS STS",
        endpoint,
        &[
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", "2011-06-15"),
            ("RoleArn", arn),
            ("RoleSessionName", session),
            ("WebIdentityToken", proof.expose_secret()),
        ],
    );
    // What is documented, rather than what `Accept` may make of it.
    let reply = bureau.ask(errand.header(reqwest::header::ACCEPT, "text/xml")).await?;
    if !reply.status.is_success() {
        let failure = bureau.refused(&reply, "let us take on the role");
        return Err(token.explain(&proof, AUDIENCE, failure));
    }
    let xml = String::from_utf8_lossy(&reply.body);
    let parts = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(|name| element(&xml, name));
    let [Some(id), Some(secret), Some(session)] = parts else {
        return Err(bureau.malformed(&reply));
    };
    Ok(Keys { id: id.to_owned(), secret: bureau.mint(secret), session: Some(bureau.mint(session)) })
}
