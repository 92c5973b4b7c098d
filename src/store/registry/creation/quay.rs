//! Making a repository of Quay, and the organisation that it lies in.

use super::{Maker, Place};
use crate::access::Creation;
use crate::failure::{Code, Fallible, Operation};
use crate::store::registry::auth::Authorization;
use crate::store::registry::catalog::as_shown;
use crate::store::registry::credentials::{Credential, CredentialKind};
use crate::store::registry::exchange::Call;
use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The user whose password is a token for the API.
const TOKEN_USER: &str = "$oauthtoken";
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

pub(super) struct Quay<'a> {
    place: &'a Place<'a>,
    shown: Authorization,
    namespace: &'a str,
    repository: &'a str,
}

impl<'a> Quay<'a> {
    pub(super) fn of(place: &'a Place<'a>) -> Fallible<Self> {
        let Some((namespace, repository)) = place.name.split_once('/') else {
            return Err(place.failure(Code::Refused, "a repository of Quay lies in a namespace"));
        };
        let shown = match place.credential().map(Credential::kind) {
            Some(CredentialKind::Password { username, password }) if username == TOKEN_USER => {
                Authorization::token(password)
            }
            _ => None,
        };
        let shown = shown.ok_or_else(|| {
            let message = "users and robots have no API, and a token of an OAuth application has";
            let hint = "give the user `$oauthtoken` with such a token as its password, or create it first";
            place.failure(Code::CredentialUnavailable, message).hint(hint)
        })?;
        Ok(Self { place, shown, namespace, repository })
    }

    /// Whether there is something at a path of the API.
    async fn finds(&self, path: &str) -> Fallible<bool> {
        let api = self.place.api;
        let mut call = Call::new(Operation::Create, Method::GET, api.host.url(path));
        call.expected = &[StatusCode::NOT_FOUND];
        let answer = as_shown(api, &call, Some(&self.shown), ANSWER_BYTES_MAX).await?;
        Ok(answer.status != StatusCode::NOT_FOUND)
    }

    async fn post(&self, path: &str, body: &Value, right: &str) -> Fallible<()> {
        let api = self.place.api;
        let mut call = Call::new(Operation::Create, Method::POST, api.host.url(path));
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        call.body = body.to_string().into();
        let posted = as_shown(api, &call, Some(&self.shown), ANSWER_BYTES_MAX).await;
        posted.map(drop).map_err(|failure| match failure.code {
            Code::Denied | Code::Unauthenticated => {
                failure.hint(format!("the token needs the scope `{right}`; or create it first"))
            }
            _ => failure,
        })
    }
}

#[async_trait]
impl Maker for Quay<'_> {
    /// Quay API, "getRepo".
    async fn is_there(&self) -> Fallible<bool> {
        self.finds(&format!("/api/v1/repository/{}", self.place.name)).await
    }

    /// Quay API, "createRepo", and "createOrganization" where neither an organisation nor a user is called so.
    async fn make(&self, wanted: &Creation) -> Fallible<()> {
        let Self { namespace, repository, .. } = self;
        if !self.finds(&format!("/api/v1/organization/{namespace}")).await?
            && !self.finds(&format!("/api/v1/users/{namespace}")).await?
        {
            self.post("/api/v1/organization/", &json!({ "name": namespace }), "org:admin").await?;
        }
        let visibility = if wanted.public { "public" } else { "private" };
        let body = json!({
            "namespace": namespace, "repository": repository, "visibility": visibility, "description": "",
            "repo_kind": "image",
        });
        self.post("/api/v1/repository", &body, "repo:create").await
    }
}
