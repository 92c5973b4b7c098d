//! Making a repository of Google Artifact Registry: what lies in it comes by itself. Projects are never made.

use super::{Maker, Place};
use crate::access::Creation;
use crate::failure::{Code, Fallible, Operation};
use crate::store::registry::auth::Authorization;
use crate::store::registry::catalog::{as_shown, google_place, google_token};
use crate::store::registry::exchange::{Call, Document};
use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// The first wait before it is asked whether the repository is made; each is twice the one before.
const WAIT_FIRST: Duration = Duration::from_millis(100);
/// How often it is asked, which takes about fifty seconds: usually it takes two.
const WAITS_MAX: u32 = 9;

pub(super) struct Google<'a> {
    place: &'a Place<'a>,
    shown: Authorization,
    project: &'a str,
    location: &'a str,
    repository: &'a str,
    /// What the API calls it.
    name: String,
}

/// What the API does meanwhile.
#[derive(Deserialize)]
struct Undertaking {
    name: String,
    #[serde(default)]
    done: bool,
    error: Option<serde_json::Value>,
}

impl<'a> Google<'a> {
    pub(super) async fn of(place: &'a Place<'a>) -> Fallible<Self> {
        let Some(found) = google_place(&place.account.host.registry, place.name) else {
            return Err(place.failure(Code::Refused, "a repository lies in a project, which is not made"));
        };
        let shown = google_token(place.credential()).await?.ok_or_else(|| {
            let message = "making it needs an access token of Google";
            let hint = "write `credentials: { identity: gar }`, or create it first";
            place.failure(Code::CredentialUnavailable, message).hint(hint)
        })?;
        let name = found.name();
        let (project, location, repository) = (found.project, found.location, found.repository);
        Ok(Self { place, shown, project, location, repository, name })
    }

    async fn ask(&self, call: &Call) -> Fallible<Document> {
        as_shown(self.place.api, call, Some(&self.shown), ANSWER_BYTES_MAX).await
    }

    fn get(&self, name: &str) -> Call {
        Call::new(Operation::Create, Method::GET, self.place.api.host.url(&format!("/v1/{name}")))
    }

    fn undertaking(&self, answer: &Document) -> Fallible<Undertaking> {
        serde_json::from_slice(&answer.body)
            .map_err(|_| answer.asked.failure(Code::Protocol, "the answer is not what it should be"))
    }
}

#[async_trait]
impl Maker for Google<'_> {
    /// Artifact Registry API, "repositories.get".
    async fn is_there(&self) -> Fallible<bool> {
        let mut call = self.get(&self.name);
        call.expected = &[StatusCode::NOT_FOUND];
        Ok(self.ask(&call).await?.status != StatusCode::NOT_FOUND)
    }

    /// "repositories.create", which goes on after it was answered.
    async fn make(&self, wanted: &Creation) -> Fallible<()> {
        let Self { project, location, repository, .. } = self;
        let path = format!("/v1/projects/{project}/locations/{location}/repositories");
        let mut url = self.place.api.host.url(&path);
        url.query_pairs_mut().append_pair("repositoryId", repository);
        let mut call = Call::new(Operation::Create, Method::POST, url);
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut body = json!({ "format": "DOCKER", "dockerConfig": { "immutableTags": wanted.immutable } });
        if !wanted.labels.is_empty() {
            body["labels"] = json!(wanted.labels);
        }
        if let Some(key) = &wanted.kms_key {
            body["kmsKeyName"] = json!(key);
        }
        call.body = body.to_string().into();
        let mut answer = self.ask(&call).await.map_err(|failure| match failure.code {
            Code::Denied => {
                failure.hint("the identity needs the role `roles/artifactregistry.admin`; or create it first")
            }
            _ => failure,
        })?;
        for number in 0..=WAITS_MAX {
            let undertaking = self.undertaking(&answer)?;
            match undertaking {
                Undertaking { error: Some(_), .. } => {
                    return Err(answer.asked.failure(Code::Protocol, "the repository could not be made"));
                }
                Undertaking { done: true, .. } => return Ok(()),
                Undertaking { name, .. } if number < WAITS_MAX => {
                    tokio::time::sleep(WAIT_FIRST * 2_u32.pow(number)).await;
                    answer = self.ask(&self.get(&name)).await?;
                }
                Undertaking { .. } => break,
            }
        }
        Err(answer.asked.failure(Code::Timeout, "the repository is still being made"))
    }
}
