//! Making a project of Harbor: repositories in it come by themselves.

use super::{failure, pair};
use crate::access::Creation;
use crate::failure::{Code, Fallible, Operation};
use crate::store::registry::account::Account;
use crate::store::registry::auth::Authorization;
use crate::store::registry::catalog::as_shown;
use crate::store::registry::credentials::Credential;
use crate::store::registry::exchange::Call;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::json;

/// Most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Harbor API, "createProject": 201, or 409 where there is one.
pub(super) async fn make(
    account: &Account,
    credential: Option<&Credential>,
    project: &str,
    wanted: &Creation,
) -> Fallible<()> {
    let (username, password) = pair(account, credential, project)?;
    let shown = Authorization::password(username, password).ok_or_else(|| {
        failure(account, project, Code::CredentialUnavailable, "the credential does not make a header")
    })?;
    let mut call = Call::new(Operation::Create, Method::POST, account.host.url("/api/v2.0/projects"));
    call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Harbor's switches are texts.
    let word = |yes: bool| if yes { "true" } else { "false" };
    let metadata = json!({ "public": word(wanted.public), "auto_scan": word(wanted.scan) });
    call.body = json!({ "project_name": project, "metadata": metadata }).to_string().into();
    call.expected = &[StatusCode::CONFLICT];
    as_shown(account, &call, Some(&shown), ANSWER_BYTES_MAX).await.map(drop).map_err(|failure| match failure
        .code
    {
        Code::Denied | Code::Unauthenticated => failure.hint(
            "the user or robot needs the right to create projects, which a system robot and an \
                 administrator have; or create the project first",
        ),
        _ => failure,
    })
}
