//! One account at one registry, and what to say when it is refused. Never shows its secret.

use super::{Actions, Scopes};
use crate::failure::{Code, Failure, HttpFacts, Operation};
use crate::oci::Registry;
use crate::store::registry::credentials::{Credential, CredentialKind};
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::Url;

/// A registry, and who we are to it.
pub(super) struct Account {
    pub(super) registry: Registry,
    pub(super) credential: Option<Credential>,
}

impl Account {
    /// A failure in the name of this account.
    pub(super) fn failure(&self, code: Code, scopes: &Scopes, message: impl Into<String>) -> Box<Failure> {
        let mut failure = Failure::new(code, self.place(scopes), Operation::Token, message);
        failure.credential = self.credential.as_ref().map(ToString::to_string);
        failure
    }

    /// A failure on the way to a token or a password of this account, with what those who made it
    /// cannot know.
    pub(super) fn complete(&self, mut failure: Box<Failure>, scopes: &Scopes) -> Box<Failure> {
        failure.repository = self.place(scopes);
        failure.operation = Operation::Token;
        failure.credential = self.credential.as_ref().map(ToString::to_string);
        failure
    }

    fn place(&self, scopes: &Scopes) -> String {
        match scopes.repository() {
            Some(path) => format!("{}/{path}", self.registry),
            None => self.registry.to_string(),
        }
    }

    /// Access was refused, and there was no credential to show.
    pub(super) fn anonymous(&self, scopes: &Scopes) -> Box<Failure> {
        let identity = match self.registry.home() {
            Some(_) => "; docs/credentials.md says how to do without, by who runs this",
            None => "",
        };
        self.failure(Code::Unauthenticated, scopes, "access was refused without credentials").hint(format!(
            "registries answer so for private repositories and for those that do not exist: check the name, or \
             give credentials for {0} under `registries` in the spec or with `docker login {0}`{identity}",
            self.registry
        ))
    }

    /// The credential is not valid.
    pub(super) fn invalid(&self, scopes: &Scopes, by: &str) -> Box<Failure> {
        let hint = match self.credential.as_ref().map(Credential::kind) {
            Some(CredentialKind::Minted(_)) => {
                "check that the registry knows this identity: its account, tenant or project may be another's"
            }
            _ => "check that the user name is right and that the password or token has not expired",
        };
        self.failure(Code::Unauthenticated, scopes, format!("{by} refused the credential")).hint(hint)
    }

    /// The credential was good for a token, and the token for nothing.
    pub(super) fn token_refused(&self, scopes: &Scopes) -> Box<Failure> {
        let message = "the registry refused the token that its token server gave";
        self.failure(Code::Unauthenticated, scopes, message).hint(
            "check that the account has the right to the repository; if it has, the clocks of the \
             registry and of its token server may differ, or it does not trust that server",
        )
    }

    /// The credential is valid and not sufficient.
    pub(super) fn insufficient(&self, scopes: &Scopes, by: &str) -> Box<Failure> {
        let what = match (scopes.repository(), scopes.actions()) {
            (None, _) => "list repositories",
            (Some(_), Actions::Pull) => "pull from the repository",
            (Some(_), Actions::PullPush) => "push to the repository",
        };
        self.failure(Code::Denied, scopes, format!("{by} does not allow this account to {what}"))
            .hint("check that the repository exists, and give the account the right to it")
    }

    /// Access was refused to an anonymous token, and the credential had been kept back.
    pub(super) fn kept_back(&self, scopes: &Scopes, realm: &str) -> Box<Failure> {
        let message = format!(
            "access was refused without credentials, and the credential was kept back because the token \
             server {realm} is not known to belong to {}",
            self.registry
        );
        self.failure(Code::Unauthenticated, scopes, message).hint(
            "a credential goes to the registry's own host, to hosts of the same domain and to a few known \
             pairs; where this token server is the right one, name its host under `realm_hosts` of the registry in \
             the spec",
        )
    }

    /// The error code in the body of a refusal, if it is one that may be shown.
    ///
    /// Only words in one case: a server that repeats a credential, or a part of it, must not get it
    /// into a report.
    pub(super) fn error_code(&self, body: &[u8]) -> Option<String> {
        let Refusal { errors, error } = serde_json::from_slice(body).ok()?;
        let code = errors.into_iter().find_map(|error| error.code).or(error)?;
        let words = |letter: fn(&char) -> bool| code.chars().all(|c| c == '_' || letter(&c));
        let plain = words(char::is_ascii_uppercase) || words(char::is_ascii_lowercase);
        let ours = |secret: &str| secret.contains(&code) || code.contains(secret);
        let secret = self.credential.as_ref().and_then(Credential::secret);
        let secret = secret.is_some_and(|secret| ours(secret.expose_secret()));
        (plain && !secret && (1..=CODE_BYTES_MAX).contains(&code.len())).then_some(code)
    }
}

/// The hint to a challenge that makes no sense or no good.
pub(super) const MISTAKE_OR_ATTACK: &str =
    "this is a mistake of whoever runs the registry or a proxy before it, or an attack";

/// The longest error code that is shown, in bytes.
const CODE_BYTES_MAX: usize = 40;

/// What refusals look like: the registry's error document, or RFC 6749, section 5.2.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<RegistryError>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Deserialize)]
struct RegistryError {
    code: Option<String>,
}

/// The facts of a request, without what can be secret in its URL.
pub(super) fn facts(method: &str, url: &Url, status: u16, registry_code: Option<String>) -> HttpFacts {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    HttpFacts { method: method.to_owned(), url: url.into(), status: Some(status), registry_code }
}
