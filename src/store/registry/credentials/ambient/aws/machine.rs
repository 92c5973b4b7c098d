//! Keys from the services that a container or a machine of AWS has beside it.

use super::super::bureau::{Bureau, Errand};
use super::super::carrier::Route;
use super::super::endpoint::{endpoint, is_loopback};
use super::{GivenKeys, Keys};
use crate::failure::{Code, Fallible};
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName};
use url::Url;

/// Where the agent of ECS answers.
const CONTAINER: &str = "http://169.254.170.2";
/// Hosts beside loopback that a container's credentials may come from without TLS: the agents of ECS
/// and of EKS, by Amazon's guide to "container credential provider".
const CONTAINER_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/// Where the metadata service of a machine answers.
const METADATA: &str = "http://169.254.169.254/";
const SESSION: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const SESSION_LIFE: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
/// For how long the session with the metadata service is asked, in seconds: for the two requests.
const SESSION_SECONDS: &str = "60";

/// The service that the environment of a container names.
pub(super) fn container(bureau: &Bureau) -> Fallible<Option<Url>> {
    let environment = &bureau.environment;
    let (variable, text) = match (environment.text(RELATIVE), environment.text(FULL)) {
        (Some(path), _) if path.starts_with('/') => (RELATIVE, format!("{CONTAINER}{path}")),
        (Some(_), _) => return Err(bureau.failure(format!("${RELATIVE} is not a path"))),
        (None, Some(url)) => (FULL, url.to_owned()),
        (None, None) => return Ok(None),
    };
    let url = endpoint(&text).map_err(|why| bureau.failure(format!("${variable} {why}")))?;
    let known = CONTAINER_HOSTS.contains(&url.host_str().unwrap_or_default());
    if url.scheme() == "https" || known || is_loopback(&url) {
        return Ok(Some(url));
    }
    Err(bureau.failure(format!("${variable} names a host that container credentials do not come from")))
}

pub(super) async fn container_keys(url: &Url, bureau: &Bureau) -> Fallible<Keys> {
    let environment = &bureau.environment;
    let token = match environment.path(TOKEN_FILE) {
        Some(path) => {
            let text = tokio::fs::read_to_string(&path).await.map_err(|error| {
                let place = environment.short(&path);
                bureau.failure(format!(
                    "the file {place}, named by {TOKEN_FILE}, cannot be read: {}",
                    error.kind()
                ))
            })?;
            Some(text.trim().to_owned().into())
        }
        None => environment.secret(TOKEN),
    };
    let mut errand = Errand::get("the container's credential service", url.clone()).by(Route::Machine);
    if let Some(token) = &token {
        errand = errand.secret(AUTHORIZATION, token);
    }
    given(bureau.json(errand, "give credentials").await?, bureau)
}

/// Keys of the role of the machine, by the second version of its metadata service: the first takes
/// requests that anybody could make us send.
pub(super) async fn keys(bureau: &Bureau, first: Route) -> Fallible<Keys> {
    const WHO: &str = "the metadata service of the machine";
    let base = base(bureau)?;
    let at = |path: &str| {
        let mut url = base.clone();
        url.set_path(path);
        url
    };
    let open = Errand::new(WHO, Method::PUT, at("/latest/api/token")).by(first);
    let session = bureau.ask(open.header(SESSION_LIFE, SESSION_SECONDS)).await?;
    let text = String::from_utf8(session.body.clone()).ok().filter(|_| session.status.is_success());
    let Some(text) = text else {
        return Err(bureau.refused(&session, "open a session"));
    };
    let session = bureau.mint(text.trim());
    let get = |path: &str| Errand::get(WHO, at(path)).by(Route::Machine).secret(SESSION, &session);
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let roles = bureau.ask(get(ROLES).header(ACCEPT, "text/plain")).await?;
    let body = String::from_utf8_lossy(&roles.body).into_owned();
    let role = body.lines().next().map(str::trim).filter(|role| is_name(role) && roles.status.is_success());
    let Some(role) = role else {
        return Err(bureau.refused(&roles, "name a role").hint("give the machine an instance profile"));
    };
    given(bureau.json(get(&format!("{ROLES}{role}")), "give credentials").await?, bureau)
}

/// Where the metadata service is, or that it shall not be asked.
fn base(bureau: &Bureau) -> Fallible<Url> {
    const VARIABLE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    if bureau.environment.is_true("AWS_EC2_METADATA_DISABLED") {
        let mut failure = bureau.failure("AWS_EC2_METADATA_DISABLED forbids to ask the metadata service");
        failure.code = Code::CredentialUnavailable;
        return Err(failure);
    }
    let text = bureau.environment.text(VARIABLE).unwrap_or(METADATA);
    endpoint(text).map_err(|why| bureau.failure(format!("${VARIABLE} {why}")))
}

/// What becomes a part of a path.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c))
}

fn given(keys: GivenKeys, bureau: &Bureau) -> Fallible<Keys> {
    let GivenKeys { access_key_id, secret_access_key, token } = keys;
    Ok(Keys {
        id: access_key_id,
        secret: bureau.mint(secret_access_key),
        session: token.filter(|token| !token.is_empty()).map(|token| bureau.mint(token)),
    })
}
