//! What a registry taught us about how it wants to be asked. Never sends anything.

use super::account::{Account, MISTAKE_OR_ATTACK};
use super::challenge::{Bearer, Challenge};
use super::exchange::Grantor;
use super::realm::{Realm, Trust};
use super::{Origin, Scopes};
use crate::failure::{Code, Fallible};
use std::collections::BTreeMap;

/// What the challenges of one registry said.
#[derive(Default)]
pub(super) struct Learnt {
    asked: Option<Asked>,
    /// Scopes that did not do, and those that the registry wants instead.
    wider: BTreeMap<Scopes, Scopes>,
}

/// What the last challenge asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// User name and password on every request.
    Basic,
    /// A token, from there.
    Bearer(Grantor),
}

/// Whether a 401 was about rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sufficiency {
    /// `error="insufficient_scope"`, and nothing was wanted that we had not asked for already.
    Insufficient,
    /// Anything else: the token may have expired, or was never there.
    Unknown,
}

impl Learnt {
    /// What the last challenge asked for; none before the first.
    pub(super) fn asked(&self) -> Option<Asked> {
        self.asked.clone()
    }

    /// The scopes to ask for where `scopes` are needed.
    pub(super) fn effective(&self, scopes: &Scopes) -> Scopes {
        self.wider.get(scopes).unwrap_or(scopes).clone()
    }

    /// Notes a challenge to a request that needed `scopes`.
    pub(super) fn note(
        &mut self,
        challenge: Challenge,
        scopes: &Scopes,
        origin: &Origin,
        account: &Account,
    ) -> Fallible<Sufficiency> {
        let Bearer { realm, service, scope, error } = match challenge {
            Challenge::Basic => {
                self.asked = Some(Asked::Basic);
                return Ok(Sufficiency::Unknown);
            }
            Challenge::Bearer(bearer) => bearer,
        };
        let realm = Realm::judge(&realm, origin).map_err(|why| {
            account
                .failure(
                    Code::Protocol,
                    scopes,
                    format!("the registry names a token server {why}; it was not asked"),
                )
                .hint(MISTAKE_OR_ATTACK)
        })?;
        self.turn(Asked::Bearer(Grantor { realm, service }), account);
        match scope.and_then(|scope| self.effective(scopes).widened(&scope)) {
            Some(wider) => {
                self.wider.insert(scopes.clone(), wider);
                Ok(Sufficiency::Unknown)
            }
            None if error.as_deref() == Some("insufficient_scope") => Ok(Sufficiency::Insufficient),
            None => Ok(Sufficiency::Unknown),
        }
    }

    fn turn(&mut self, asked: Asked, account: &Account) {
        if self.asked.as_ref() == Some(&asked) {
            return;
        }
        if let Asked::Bearer(Grantor { realm, .. }) = &asked
            && realm.trust() == Trust::Nothing
            && account.credential.is_some()
        {
            tracing::warn!(
                registry = %account.registry,
                token_server = realm.host(),
                "the token server is not known to belong to the registry: the credential is kept back"
            );
        }
        self.asked = Some(asked);
    }
}
