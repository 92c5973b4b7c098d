//! Identity tokens (OIDC): what a CI system says of who runs. Asked for when they are needed, because
//! some live for minutes only.

use super::bureau::{Bureau, Errand};
use super::endpoint::endpoint;
use super::jwt;
use crate::access::IdToken;
use crate::failure::{Failure, Fallible};
use crate::store::registry::credentials::Environment;
use crate::store::registry::credentials::program::{self, TIME_MAX};
use reqwest::header::ACCEPT;
use secrecy::SecretString;
use serde::Deserialize;
use std::path::PathBuf;

/// Where an identity token comes from.
#[derive(Debug, Clone)]
pub(super) enum IdTokenSource {
    /// It is at hand.
    Held {
        token: SecretString,
        /// Where it stands, for people.
        place: String,
    },
    /// A file that somebody renews.
    File {
        path: PathBuf,
        /// The variable that names it.
        variable: &'static str,
    },
    /// GitHub Actions, and those that do as it does.
    GitHub { url: String, bearer: SecretString },
    /// The agent of Buildkite.
    Buildkite { agent: PathBuf },
}

/// The variable that goes before what a CI system has of its own: what `id_tokens:` of GitLab can be
/// called, and any other CI can set.
const VARIABLE: &str = "CROSSDOCK_ID_TOKEN";
/// CircleCI's.
const CIRCLE: &str = "CIRCLE_OIDC_TOKEN_V2";
const GITHUB_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const GITHUB_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// GitHub's answer.
#[derive(Deserialize)]
struct Answer {
    value: String,
}

impl IdTokenSource {
    /// The token that somebody gives who says who we are, or the CI system.
    pub(super) fn of(chosen: &IdToken, environment: &Environment) -> Option<Self> {
        chosen
            .token
            .clone()
            .map(|token| Self::Held { token, place: "`id_token`".to_owned() })
            .or_else(|| Self::of_ci(environment))
    }

    /// The token of the CI system, if it gives one.
    fn of_ci(environment: &Environment) -> Option<Self> {
        let held = |name: &str| {
            let token = environment.secret(name)?;
            Some(Self::Held { token, place: format!("${name}") })
        };
        let github = || {
            let (url, bearer) = (environment.text(GITHUB_URL)?.to_owned(), environment.secret(GITHUB_TOKEN)?);
            Some(Self::GitHub { url, bearer })
        };
        let buildkite = || {
            environment.is_true("BUILDKITE").then_some(())?;
            Some(Self::Buildkite { agent: environment.program("buildkite-agent")? })
        };
        held(VARIABLE).or_else(github).or_else(|| held(CIRCLE)).or_else(buildkite)
    }

    /// A token in the file that a variable names.
    pub(super) fn of_file(environment: &Environment, variable: &'static str) -> Option<Self> {
        Some(Self::File { path: environment.path(variable)?, variable })
    }

    /// A token for `audience`.
    pub(super) async fn token(&self, bureau: &Bureau, audience: &str) -> Fallible<SecretString> {
        match self {
            Self::Held { token, .. } => Ok(token.clone()),
            Self::File { path, variable } => read(bureau, path, variable).await,
            Self::GitHub { url, bearer } => github(bureau, url, bearer, audience).await,
            Self::Buildkite { agent } => buildkite(bureau, agent, audience).await,
        }
    }

    /// The same for an audience that somebody asked for in so many words: a token that is for
    /// another, and cannot be had anew, is shown to nobody.
    pub(super) async fn for_audience(
        &self,
        bureau: &Bureau,
        chosen: Option<&str>,
        usual: &str,
    ) -> Fallible<SecretString> {
        let token = self.token(bureau, chosen.unwrap_or(usual)).await?;
        let Some(wanted) = chosen else { return Ok(token) };
        match jwt::audience(&token) {
            Some(found) if !found.iter().any(|audience| audience == wanted) => {
                let message = format!(
                    "the identity token from {} is for the audience {}, and `audience` wants {wanted:?}",
                    self.place(),
                    jwt::shown(&found)
                );
                Err(bureau
                    .failure(message)
                    .hint(format!("have the token made for {wanted:?}: {}", self.how())))
            }
            _ => Ok(token),
        }
    }

    /// Adds to a refusal for whom the token is.
    pub(super) fn explain(
        &self,
        token: &SecretString,
        usual: &str,
        mut failure: Box<Failure>,
    ) -> Box<Failure> {
        if let Some(found) = jwt::audience(token) {
            let found = jwt::shown(&found);
            failure.message = format!(
                "{}; the identity token from {} is for the audience {found}",
                failure.message,
                self.place()
            );
            if found != format!("{usual:?}") && failure.hint.is_some() {
                failure.hint = failure.hint.map(|hint| format!("{hint}; the usual audience is {usual:?}"));
            }
        }
        failure
    }

    /// Where the token comes from, for people.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Held { place, .. } => place.clone(),
            Self::File { variable, .. } => format!("${variable}"),
            Self::GitHub { .. } => "the CI system".to_owned(),
            Self::Buildkite { .. } => "buildkite-agent".to_owned(),
        }
    }

    /// How a token is had for another audience.
    fn how(&self) -> &'static str {
        match self {
            Self::Held { .. } => {
                "in GitLab by `aud` under `id_tokens`, in CircleCI by `circleci run oidc get`"
            }
            Self::File { .. } => "whoever writes the file decides",
            Self::GitHub { .. } | Self::Buildkite { .. } => {
                "the CI system gave it for another than was asked"
            }
        }
    }
}

/// That there is no identity token, and how there will be one.
pub(super) fn missing(bureau: &Bureau, what: &str) -> Box<Failure> {
    let environment = &bureau.environment;
    let hint = if environment.is_true("GITHUB_ACTIONS") {
        "give the job `permissions: id-token: write`; a workflow of a pull request from a fork gets none"
    } else if environment.is_true("GITLAB_CI") {
        "give the job `id_tokens: { CROSSDOCK_ID_TOKEN: { aud: … } }`, or name another variable with \
         `id_token` in the spec"
    } else {
        "set CROSSDOCK_ID_TOKEN, or `id_token` in the spec; docs/credentials.md says what each CI system has"
    };
    bureau.failure(format!("{what} needs an identity token (OIDC), and there is none")).hint(hint)
}

async fn github(bureau: &Bureau, url: &str, bearer: &SecretString, audience: &str) -> Fallible<SecretString> {
    let mut url =
        endpoint(url).map_err(|why| bureau.failure(format!("no identity token: ${GITHUB_URL} {why}")))?;
    url.query_pairs_mut().append_pair("audience", audience);
    let errand =
        Errand::get("the CI system", url).header(ACCEPT, "application/json; api-version=2.0").bearer(bearer);
    let Answer { value } = bureau.json(errand, "give an identity token").await?;
    Ok(bureau.mint(value))
}

async fn buildkite(bureau: &Bureau, agent: &std::path::Path, audience: &str) -> Fallible<SecretString> {
    let arguments = ["oidc", "request-token", "--audience", audience];
    let failed = |why: String| {
        let hint = "run `buildkite-agent oidc request-token` in the job to see why: it may print a secret";
        Err(bureau.failure(format!("buildkite-agent gave no identity token: {why}")).hint(hint))
    };
    match program::run(agent, &arguments, "", &bureau.environment, TIME_MAX).await {
        Err(why) => failed(format!("{why:?}")),
        Ok((status, _)) if !status.success() => failed(format!("it failed with {status}")),
        Ok((_, output)) => match String::from_utf8(output) {
            Ok(text) if !text.trim().is_empty() => Ok(bureau.mint(text.trim())),
            _ => failed("it printed none".to_owned()),
        },
    }
}

/// The largest file with a token, in bytes.
const FILE_BYTES_MAX: usize = 64 * 1024;

async fn read(bureau: &Bureau, path: &std::path::Path, variable: &str) -> Fallible<SecretString> {
    let broken = |why: String| {
        let place = bureau.environment.short(path);
        bureau.failure(format!("no identity token: the file {place}, named by {variable}, {why}"))
    };
    match tokio::fs::read_to_string(path).await {
        Ok(text) if text.len() > FILE_BYTES_MAX => Err(broken("is too large".to_owned())),
        Ok(text) if text.trim().is_empty() => Err(broken("is empty".to_owned())),
        Ok(text) => Ok(SecretString::from(text.trim())),
        Err(error) => Err(broken(format!("cannot be read: {}", error.kind()))),
    }
}
