//! Authorises the requests to one registry. Sends no request but those for tokens.

use super::account::{Account, MISTAKE_OR_ATTACK};
use super::authorization::{Scheme, Stage, basic};
use super::challenge::Challenge;
use super::exchange::{Exchange, Grantor, TokenKey};
use super::learnt::{Asked, Learnt, Sufficiency};
use super::realm::Trust;
use super::{Authorization, Origin, Scopes, TokenTransport};
use crate::failure::{Code, Failure, Fallible};
use crate::oci::Registry;
use crate::store::registry::credentials::{Credential, CredentialKind, Witness};
use crate::store::registry::renewed::{Clock, Held, Renewed};
use reqwest::header::{HeaderMap, HeaderValue};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// How requests to one registry under one credential are authorised. Shared by all its repositories.
///
/// Nothing is sent until the registry asks for it. From then on every request is authorised before
/// it is made: with user name and password where Basic was asked for, with a token for its scopes
/// where Bearer was.
pub struct Authority {
    origin: Origin,
    exchange: Arc<Exchange>,
    tokens: Renewed<TokenKey, HeaderValue>,
    learnt: Mutex<Learnt>,
}

/// What to do with a request that got a 401.
#[derive(Debug, PartialEq, Eq)]
pub enum AfterChallenge {
    /// Send it again with this.
    Retry(Authorization),
    /// Send `GET /v2/` without authorisation and hand the headers of its answer to
    /// [`Authority::pinged`]: this 401 did not say how to authenticate, and that one may.
    Ping,
}

impl Authority {
    /// An authority that has not spoken to its registry yet. `transport` carries the requests for
    /// tokens.
    pub fn new(
        origin: Origin,
        registry: Registry,
        credential: Option<Credential>,
        transport: Arc<dyn TokenTransport>,
        clock: Clock,
    ) -> Self {
        let account = Account { registry, credential };
        let exchange = Arc::new(Exchange::new(account, transport, Arc::clone(&clock)));
        Self { origin, exchange, tokens: Renewed::new(clock), learnt: Mutex::default() }
    }

    /// Has `witness` told of each token that is received.
    pub(in crate::store::registry) fn witnessed_by(mut self, witness: Witness) -> Self {
        // Nobody else has it yet.
        if let Some(exchange) = Arc::get_mut(&mut self.exchange) {
            exchange.witness = witness;
        }
        self
    }

    /// What to authorise a request with that needs `scopes`; none when the registry has asked for
    /// nothing so far. Ask anew for each attempt: a token may have been replaced since.
    ///
    /// # Errors
    /// When a token is needed and cannot be had. A failure that is `retryable` may pass; where the
    /// token server refused, it is not asked for these scopes again.
    pub async fn header(&self, scopes: &Scopes) -> Fallible<Option<Authorization>> {
        match (self.direct(scopes, Stage::Proactive).await?, self.asked()) {
            (Some(direct), _) => Ok(Some(direct)),
            (None, Some(Asked::Bearer(grantor))) => {
                self.token(grantor, scopes, Stage::Proactive).await.map(Some)
            }
            (None, None | Some(Asked::Basic)) => Ok(None),
        }
    }

    /// Learns from the headers of a 401 to a request that needed `scopes` and was sent with `sent`.
    ///
    /// Only for answers of the registry's own origin ([`Origin::owns`]): what a redirect led to
    /// teaches nothing about the registry.
    ///
    /// # Errors
    /// `Unauthenticated` or `Denied` when the registry has spoken its last word, `Protocol` when
    /// the challenge cannot be answered safely, and whatever stands in the way of a token. Where
    /// the failure has no HTTP facts it is about the request itself: its operation and facts are
    /// the caller's to fill in.
    pub async fn challenged(
        &self,
        headers: &HeaderMap,
        scopes: &Scopes,
        sent: Option<&Authorization>,
    ) -> Fallible<AfterChallenge> {
        let sufficiency = match (self.note(headers, scopes)?, self.asked()) {
            (Some(sufficiency), _) => sufficiency,
            (None, Some(_)) => Sufficiency::Unknown,
            (None, None) => return Ok(AfterChallenge::Ping),
        };
        match sent.map(|sent| (sent.stage, sent.scheme)) {
            None => {}
            Some((Stage::AfterChallenge, _)) => return Err(self.refused(scopes, sufficiency)),
            Some(_) if sufficiency == Sufficiency::Insufficient => {
                return Err(self.refused(scopes, sufficiency));
            }
            Some((Stage::Proactive, Scheme::Bearer { generation })) => self.tokens.discard(generation),
            Some((Stage::Proactive, Scheme::Minted { generation })) if !self.outdated(generation) => {
                return Err(self.refused(scopes, sufficiency));
            }
            // Shown before it was asked for, and asked for again: nothing else is left to show.
            Some((Stage::Proactive, scheme)) if self.shows(scheme) => {
                return Err(self.refused(scopes, sufficiency));
            }
            Some((Stage::Proactive, _)) => {}
        }
        self.next(scopes).await.map(AfterChallenge::Retry)
    }

    /// Learns from the headers of an answer to `GET /v2/`, of any status, that was sent because of
    /// [`AfterChallenge::Ping`] or to learn early.
    ///
    /// # Errors
    /// As [`Authority::challenged`]; also when this answer does not say how to authenticate either.
    pub async fn pinged(&self, headers: &HeaderMap, scopes: &Scopes) -> Fallible<Authorization> {
        match self.note(headers, scopes)? {
            Some(_) => self.next(scopes).await,
            None => Err(self.account().failure(
                Code::Unauthenticated,
                scopes,
                "the registry refuses access and does not say how to authenticate",
            ).hint("the registry, or a proxy before it, must answer `GET /v2/` with 401 and `WWW-Authenticate`")),
        }
    }

    /// The token server that `headers`, of an answer to `GET /v2/`, name, where it may see the credential.
    ///
    /// # Errors
    /// As [`Authority::challenged`], where the challenge cannot be met.
    pub(in crate::store::registry) fn token_server(
        &self,
        headers: &HeaderMap,
        scopes: &Scopes,
    ) -> Fallible<Option<Url>> {
        self.note(headers, scopes)?;
        Ok(match self.asked() {
            Some(Asked::Bearer(Grantor { realm, .. })) if realm.trust() == Trust::Credential => {
                Some(realm.url().clone())
            }
            _ => None,
        })
    }

    /// Which credential is used, in words and without its secret: `user bob, from the spec`. None
    /// is anonymous.
    pub fn describe(&self) -> Option<String> {
        self.credential().map(ToString::to_string)
    }

    /// The credential; none is anonymous.
    pub fn credential(&self) -> Option<&Credential> {
        self.account().credential.as_ref()
    }

    /// Where the registry is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Notes the challenge in an answer, if there is one.
    fn note(&self, headers: &HeaderMap, scopes: &Scopes) -> Fallible<Option<Sufficiency>> {
        let challenge = Challenge::of(headers).map_err(|why| {
            let message = format!("the registry's demand for authentication cannot be met: {why}");
            self.account().failure(Code::Protocol, scopes, message).hint(MISTAKE_OR_ATTACK)
        })?;
        let noted =
            challenge.map(|challenge| self.learnt().note(challenge, scopes, &self.origin, self.account()));
        noted.transpose()
    }

    /// The authorisation that the last challenge asks for.
    async fn next(&self, scopes: &Scopes) -> Fallible<Authorization> {
        match (self.direct(scopes, Stage::AfterChallenge).await?, self.asked()) {
            (Some(direct), _) => Ok(direct),
            (None, Some(Asked::Bearer(grantor))) => self.token(grantor, scopes, Stage::AfterChallenge).await,
            (None, _) if self.credential().is_none() => Err(self.account().anonymous(scopes)),
            (None, _) => {
                let message = "the registry wants a user name and a password, and the credential has neither";
                Err(self.account().failure(Code::Unauthenticated, scopes, message).hint(format!(
                    "give `username` and `password` for {} under `registries` in the spec",
                    self.account().registry
                )))
            }
        }
    }

    /// What the credential authorises by itself under the scheme that was asked for.
    async fn direct(&self, scopes: &Scopes, stage: Stage) -> Fallible<Option<Authorization>> {
        let minted = match (self.asked(), self.credential().map(Credential::kind)) {
            (Some(Asked::Basic), Some(CredentialKind::Minted(minted))) => minted,
            _ => return Ok(self.constant(stage)),
        };
        let made = minted.password().await.map_err(|failure| self.account().complete(failure, scopes))?;
        let scheme = Scheme::Minted { generation: made.generation };
        let value = basic(minted.username(), &made.value);
        Ok(value.map(|value| Authorization { value, scheme, stage }))
    }

    /// The same, where it is always the same.
    fn constant(&self, stage: Stage) -> Option<Authorization> {
        let credential = self.credential()?;
        match (self.asked()?, credential.kind()) {
            (Asked::Basic, CredentialKind::Password { .. })
            | (Asked::Bearer(_), CredentialKind::RegistryToken(_)) => Authorization::of(credential, stage),
            _ => None,
        }
    }

    /// Whether the last challenge asks for what `scheme` shows.
    fn shows(&self, scheme: Scheme) -> bool {
        self.constant(Stage::Proactive).is_some_and(|constant| constant.scheme == scheme)
    }

    /// Whether the last challenge asks for the credential itself, and not for a token.
    fn shows_itself(&self) -> bool {
        let minted = matches!(self.credential().map(Credential::kind), Some(CredentialKind::Minted(_)));
        self.constant(Stage::Proactive).is_some() || (minted && self.asked() == Some(Asked::Basic))
    }

    /// Whether the password of a generation, which was refused, is worth being replaced.
    fn outdated(&self, generation: u64) -> bool {
        match self.credential().map(Credential::kind) {
            Some(CredentialKind::Minted(minted)) => minted.outdated(generation),
            _ => false,
        }
    }

    async fn token(&self, grantor: Grantor, scopes: &Scopes, stage: Stage) -> Fallible<Authorization> {
        let scopes = self.learnt().effective(scopes);
        let key = grantor.key(&scopes);
        let fetch = Arc::clone(&self.exchange).token(grantor, scopes);
        let Held { value, generation, .. } = self.tokens.get(&key, fetch).await?;
        Ok(Authorization { value, scheme: Scheme::Bearer { generation }, stage })
    }

    /// The registry's last word on a request.
    fn refused(&self, scopes: &Scopes, sufficiency: Sufficiency) -> Box<Failure> {
        let account = self.account();
        let shown = self.shows_itself();
        match (&account.credential, self.asked()) {
            (None, _) => account.anonymous(scopes),
            (Some(_), Some(Asked::Bearer(Grantor { realm, .. })))
                if !shown && realm.trust() == Trust::Nothing =>
            {
                account.kept_back(scopes, realm.host())
            }
            (Some(_), _) if sufficiency == Sufficiency::Insufficient => {
                account.insufficient(scopes, "the registry")
            }
            (Some(_), Some(Asked::Bearer(_))) if !shown => account.token_refused(scopes),
            (Some(_), _) => account.invalid(scopes, "the registry"),
        }
    }

    fn account(&self) -> &Account {
        &self.exchange.account
    }

    fn asked(&self) -> Option<Asked> {
        self.learnt().asked()
    }

    /// A poisoned lock is taken all the same: nothing that holds it stops half-way.
    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
