//! Asks a token server for a token. Never follows its redirects, and never sends a credential to a
//! server that is not trusted with it.

use super::account::{Account, facts};
use super::answer::Answer;
use super::authorization::basic;
use super::body::{self, BodyError};
use super::realm::{Realm, Trust};
use super::{Scopes, TokenTransport};
use crate::failure::{Class, Code, Failure, Fallible};
use crate::store::registry::answer::PROXY_AUTH_HINT;
use crate::store::registry::credentials::ambient::Minted;
use crate::store::registry::credentials::{CredentialKind, TOKEN_USERNAME, Witness};
use crate::store::registry::renewed::{self, Clock, Held};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::form_urlencoded::Serializer;

/// Who may be asked, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grantor {
    pub(super) realm: Realm,
    pub(super) service: Option<String>,
}

/// What a token is good for, and who gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TokenKey {
    realm: String,
    service: Option<String>,
    scopes: Scopes,
}

/// A token as it came from its server: the header value that carries it.
pub(super) type Fresh = renewed::Fresh<HeaderValue>;

/// Gets tokens for one account.
pub(super) struct Exchange {
    pub(super) account: Account,
    transport: Arc<dyn TokenTransport>,
    clock: Clock,
    /// Told of each token, before it is used.
    pub(super) witness: Witness,
    memory: Mutex<Memory>,
}

/// What was learnt from earlier answers.
#[derive(Default)]
struct Memory {
    /// A refresh token that a server gave, and which server: it is shown to no other. One that was
    /// given to the anonymous is not used, because nothing of theirs is replaced by it.
    refresh: Option<(Grantor, SecretString)>,
    /// Servers that do not take an identity token by POST but do by GET.
    get_only: Option<Grantor>,
}

/// One way to ask.
#[derive(Clone, Copy)]
enum Ask<'a> {
    Anonymously,
    /// Distribution, "Token Authentication Specification": GET with Basic.
    WithPassword(&'a str, &'a SecretString),
    /// Distribution, "Oauth2 Token Authentication": POST with a refresh token.
    WithRefreshToken(&'a SecretString),
}

/// No answer that is one.
enum Unanswered {
    /// It broke off.
    Broken(Box<Failure>),
    /// Anything else.
    Failed(Box<Failure>),
}

impl From<Box<Failure>> for Unanswered {
    fn from(failure: Box<Failure>) -> Self {
        Self::Failed(failure)
    }
}

/// The server answered, and not with a token.
struct Refusal {
    status: StatusCode,
    method: &'static str,
    error_code: Option<String>,
}

/// The largest answer with a token, in bytes.
const TOKEN_BYTES_MAX: usize = 1024 * 1024;
/// How much of the body of a refusal is looked at, in bytes.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;
/// How often a token is asked for whose answer breaks off. What is no answer is tried again by whoever
/// sends.
const BREAKS_MAX: u32 = 3;
/// What we are called in an OAuth 2 request.
const CLIENT_ID: &str = "crossdock";

impl Grantor {
    /// Under which a token of this grantor for `scopes` is kept.
    pub(super) fn key(&self, scopes: &Scopes) -> TokenKey {
        let realm = self.realm.url().as_str().to_owned();
        TokenKey { realm, service: self.service.clone(), scopes: scopes.clone() }
    }
}

impl Exchange {
    pub(super) fn new(account: Account, transport: Arc<dyn TokenTransport>, clock: Clock) -> Self {
        Self { account, transport, clock, witness: Witness::default(), memory: Mutex::default() }
    }

    /// A new token for `scopes`.
    ///
    /// A refresh token that the server gave earlier comes first, then the credential as it is; an
    /// identity token goes by POST and, where the server knows no POST, by GET.
    pub(super) async fn token(self: Arc<Self>, grantor: Grantor, scopes: Scopes) -> Fallible<Fresh> {
        let credential = match (&self.account.credential, grantor.realm.trust()) {
            (Some(credential), Trust::Credential) => credential,
            (None, _) | (_, Trust::Nothing) => {
                let answer = self.ask(&grantor, &scopes, Ask::Anonymously).await?;
                return answer.map_err(|refusal| self.refused(&grantor, &scopes, refusal));
            }
        };
        if let Some(refresh) = self.refresh_token(&grantor) {
            match self.ask(&grantor, &scopes, Ask::WithRefreshToken(&refresh)).await? {
                Ok(fresh) => return Ok(fresh),
                Err(refusal) if refusal.may_be_the_method() => self.memory().refresh = None,
                Err(refusal) => return Err(self.refused(&grantor, &scopes, refusal)),
            }
        }
        let last = match credential.kind() {
            CredentialKind::Password { username, password } => {
                self.ask(&grantor, &scopes, Ask::WithPassword(username, password)).await?
            }
            CredentialKind::IdentityToken(token) => {
                self.with_identity_token(&grantor, &scopes, token).await?
            }
            CredentialKind::Minted(minted) => self.with_minted(&grantor, &scopes, minted).await?,
            CredentialKind::RegistryToken(_) => {
                return Err(self.account.failure(
                    Code::Internal,
                    &scopes,
                    "a registry token needs no token server",
                ));
            }
        };
        last.map_err(|refusal| self.refused(&grantor, &scopes, refusal))
    }

    /// Servers without OAuth 2 refuse the POST with 404 or 405, some with 400 or 401; to those the
    /// identity token goes as the password of the user `<token>`, which is how docker writes it.
    async fn with_identity_token(
        &self,
        grantor: &Grantor,
        scopes: &Scopes,
        token: &SecretString,
    ) -> Fallible<Result<Fresh, Refusal>> {
        if self.memory().get_only.as_ref() != Some(grantor) {
            match self.ask(grantor, scopes, Ask::WithRefreshToken(token)).await? {
                Err(refusal) if refusal.may_be_the_method() => {}
                decided => return Ok(decided),
            }
        }
        let answer = self.ask(grantor, scopes, Ask::WithPassword(TOKEN_USERNAME, token)).await?;
        if answer.is_ok() {
            self.memory().get_only = Some(grantor.clone());
        }
        Ok(answer)
    }

    /// With a password that was made for it; where it is refused and may have ended early, once more
    /// with a new one.
    async fn with_minted(
        &self,
        grantor: &Grantor,
        scopes: &Scopes,
        minted: &Minted,
    ) -> Fallible<Result<Fresh, Refusal>> {
        let made = |failure| self.account.complete(failure, scopes);
        let Held { value, generation, .. } = minted.password().await.map_err(made)?;
        match self.ask(grantor, scopes, Ask::WithPassword(minted.username(), &value)).await? {
            Err(refusal) if refusal.may_be_the_password() && minted.outdated(generation) => {
                let Held { value, .. } = minted.password().await.map_err(made)?;
                self.ask(grantor, scopes, Ask::WithPassword(minted.username(), &value)).await
            }
            decided => Ok(decided),
        }
    }

    async fn ask(
        &self,
        grantor: &Grantor,
        scopes: &Scopes,
        ask: Ask<'_>,
    ) -> Fallible<Result<Fresh, Refusal>> {
        let mut attempt = 1;
        loop {
            match self.ask_once(grantor, scopes, ask).await {
                Err(Unanswered::Broken(failure)) if attempt < BREAKS_MAX => {
                    tracing::debug!(attempt, %failure, "asking for the token again");
                    attempt += 1;
                }
                Err(Unanswered::Broken(failure) | Unanswered::Failed(failure)) => return Err(failure),
                Ok(answered) => return Ok(answered),
            }
        }
    }

    async fn ask_once(
        &self,
        grantor: &Grantor,
        scopes: &Scopes,
        ask: Ask<'_>,
    ) -> Result<Result<Fresh, Refusal>, Unanswered> {
        let request = self.request(grantor, scopes, ask)?;
        let method = if request.method() == Method::POST { "POST" } else { "GET" };
        let since = (self.clock)();
        let response =
            self.transport.send(request).await.map_err(|failure| self.account.complete(failure, scopes))?;
        let status = response.status();
        if !status.is_success() {
            let body = body::start_of(response, REFUSAL_BYTES_MAX).await;
            return Ok(Err(Refusal { status, method, error_code: self.account.error_code(&body) }));
        }
        let wrong = |code: Code, message: String| {
            let mut failure = self.account.failure(code, scopes, message);
            failure.http = Some(facts(method, grantor.realm.url(), status.as_u16(), None));
            failure
        };
        let Answer { header, token, life, refresh } = match read(response).await {
            Ok(body) => Answer::read(&body)
                .map_err(|why| wrong(Code::Protocol, why.to_string()).hint(NOT_A_TOKEN_SERVER))?,
            Err((code, message)) if code.class() == Class::Transient => {
                return Err(Unanswered::Broken(wrong(code, message)));
            }
            Err((code, message)) => return Err(wrong(code, message).into()),
        };
        self.witness.tell(&token);
        if let Some(refresh) = refresh {
            self.witness.tell(&refresh);
            self.memory().refresh = Some((grantor.clone(), refresh));
        }
        tracing::debug!(realm = grantor.realm.host(), %scopes, life_seconds = life.as_secs(), "token received");
        Ok(Ok(Fresh { value: header, since, life }))
    }

    fn request(&self, grantor: &Grantor, scopes: &Scopes, ask: Ask<'_>) -> Fallible<Request> {
        let mut url = grantor.realm.url().clone();
        let refresh = match ask {
            Ask::WithRefreshToken(token) => Some(token),
            Ask::Anonymously | Ask::WithPassword(..) => None,
        };
        let mut request = if let Some(token) = refresh {
            let mut form = Serializer::new(String::new());
            form.append_pair("grant_type", "refresh_token").append_pair("client_id", CLIENT_ID);
            form.extend_pairs(grantor.service.as_deref().map(|service| ("service", service)));
            form.append_pair("scope", &scopes.parameters().join(" "));
            form.append_pair("refresh_token", token.expose_secret());
            let mut request = Request::new(Method::POST, url);
            *request.body_mut() = Some(form.finish().into());
            let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(CONTENT_TYPE, form_type);
            request
        } else {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(grantor.service.as_deref().map(|service| ("service", service)));
            query.extend_pairs(scopes.parameters().iter().map(|scope| ("scope", scope)));
            drop(query);
            Request::new(Method::GET, url)
        };
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Ask::WithPassword(username, password) = ask {
            let value = basic(username, password).ok_or_else(|| {
                self.account.failure(Code::Internal, scopes, "the credential does not make a header")
            })?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    /// What a refusal means to the user.
    fn refused(&self, grantor: &Grantor, scopes: &Scopes, refusal: Refusal) -> Box<Failure> {
        let Refusal { status, method, error_code } = refusal;
        let host = grantor.realm.host();
        let server = format!("the token server {host}");
        let bad_grant = matches!(error_code.as_deref(), Some("invalid_grant" | "invalid_client"));
        let no_access =
            matches!(status.as_u16(), 401 | 403) || (status == StatusCode::BAD_REQUEST && bad_grant);
        let trusted = grantor.realm.trust() == Trust::Credential;
        let mut failure = if no_access {
            match self.account.credential {
                None => self.account.anonymous(scopes),
                Some(_) if !trusted => self.account.kept_back(scopes, host),
                Some(_) if status == StatusCode::FORBIDDEN => self.account.insufficient(scopes, &server),
                Some(_) => self.account.invalid(scopes, &server),
            }
        } else {
            let (code, what, hint) = meaning(status);
            self.account.failure(code, scopes, format!("{server} {what}")).hint(hint)
        };
        failure.http = Some(facts(method, grantor.realm.url(), status.as_u16(), error_code));
        failure
    }

    fn refresh_token(&self, grantor: &Grantor) -> Option<SecretString> {
        let memory = self.memory();
        memory.refresh.as_ref().filter(|(giver, _)| giver == grantor).map(|(_, token)| token.clone())
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Refusal {
    /// Whether another password may do better.
    fn may_be_the_password(&self) -> bool {
        matches!(self.status.as_u16(), 400 | 401 | 403)
    }

    /// Whether another way of asking may do better: GCR answers a POST with 404, Artifactory with
    /// 401, ACR with 400, others with 405.
    fn may_be_the_method(&self) -> bool {
        matches!(self.status.as_u16(), 400 | 401 | 404 | 405)
    }
}

async fn read(response: Response) -> Result<Vec<u8>, (Code, String)> {
    body::whole(response, TOKEN_BYTES_MAX).await.map_err(|why| match why {
        BodyError::TooLong => (
            Code::LimitExceeded,
            format!("the answer of the token server is larger than {TOKEN_BYTES_MAX} bytes"),
        ),
        BodyError::Broken => (Code::Network, "the answer of the token server broke off".to_owned()),
        BodyError::Stalled => (Code::Timeout, "the answer of the token server took too long".to_owned()),
    })
}

const NOT_A_TOKEN_SERVER: &str =
    "the registry names this URL in its challenge: whoever runs the registry has to put it right";
const LATER: &str = "run again later; what was done so far is kept";

/// The code, what the server did, and what the user can do.
fn meaning(status: StatusCode) -> (Code, &'static str, &'static str) {
    match status.as_u16() {
        300..=399 => (
            Code::Protocol,
            "answered with a redirect, which is not followed: a credential stays where it was sent",
            NOT_A_TOKEN_SERVER,
        ),
        407 => (Code::Proxy, "is behind a proxy that wants credentials", PROXY_AUTH_HINT),
        408 => (Code::Timeout, "took too long", LATER),
        425 | 429 | 499 => (Code::Throttled, "asked to be left alone for a while", LATER),
        500.. => (Code::ServerError, "had an error of its own", LATER),
        _ => (Code::Protocol, "did not understand the request", NOT_A_TOKEN_SERVER),
    }
}
