//! Where an access token of Google comes from, and the password that it is.

use super::super::bureau::Bureau;
use super::super::id_token::{self, IdTokenSource};
use super::super::mint::Issuer;
use super::key_file::{AccountKey, ExternalAccount, KeyFile};
use super::{external, impersonate, machine, service_account};
use crate::access::IdToken;
use crate::failure::Fallible;
use crate::store::registry::renewed::Fresh;
use async_trait::async_trait;
use secrecy::SecretString;

/// Gives passwords for registries of Google.
pub(in super::super) struct Gar {
    pub(in super::super) bureau: Bureau,
    pub(in super::super) source: GoogleSource,
    /// The service account that is impersonated, where the spec names one.
    pub(in super::super) service_account: Option<String>,
}

/// Where the access token comes from.
pub(in super::super) enum GoogleSource {
    /// The provider that the spec names.
    Provider { provider: String, token: IdTokenSource, audience: Option<String> },
    /// The key of a service account.
    Key(AccountKeyFile),
    /// A file that says whom Google believes.
    External(ExternalFile),
    /// The metadata server.
    Machine,
}

/// A key that was read.
pub(in super::super) struct AccountKeyFile(AccountKey);

/// A file that was read.
pub(in super::super) struct ExternalFile(Box<ExternalAccount>);

/// The user name that goes with every access token.
pub(in super::super) const USERNAME: &str = "oauth2accesstoken";

impl GoogleSource {
    /// The provider that the spec names.
    pub(in super::super) fn of_provider(provider: &str, token: &IdToken, bureau: &Bureau) -> Fallible<Self> {
        match IdTokenSource::of(token, &bureau.environment) {
            Some(found) => Ok(Self::Provider {
                provider: provider.to_owned(),
                token: found,
                audience: token.audience.clone(),
            }),
            None => Err(id_token::missing(bureau, "the workload identity provider")),
        }
    }

    /// What the environment says; none when it says nothing.
    pub(in super::super) async fn of_surroundings(bureau: &Bureau) -> Fallible<Option<Self>> {
        Ok(match KeyFile::read(bureau).await? {
            Some(KeyFile::ServiceAccount(key)) => Some(Self::Key(AccountKeyFile(key))),
            Some(KeyFile::ExternalAccount(file)) => Some(Self::External(ExternalFile(file))),
            Some(KeyFile::Unknown) | None => machine::is_named(bureau).then_some(Self::Machine),
        })
    }

    /// For people: completes "GAR by …".
    pub(in super::super) fn describe(&self) -> String {
        match self {
            Self::Provider { provider, .. } => {
                format!("workload identity, provider …/{}", provider.rsplit('/').next().unwrap_or_default())
            }
            Self::Key(AccountKeyFile(key)) => {
                format!("the key of the service account {}", key.client_email.escape_debug())
            }
            Self::External(_) => "workload identity, of GOOGLE_APPLICATION_CREDENTIALS".to_owned(),
            Self::Machine => "the metadata server".to_owned(),
        }
    }
}

#[async_trait]
impl Issuer for Gar {
    async fn issue(&self) -> Fallible<Fresh<SecretString>> {
        let Self { bureau, source, service_account } = self;
        let since = (bureau.clocks.steady)();
        let mut token = match source {
            GoogleSource::Provider { provider, token, audience } => {
                external::by_provider(provider, token, audience.as_deref(), bureau).await?
            }
            GoogleSource::Key(AccountKeyFile(key)) => service_account::token(key, bureau).await?,
            GoogleSource::External(ExternalFile(file)) => external::by_file(file, bureau).await?,
            GoogleSource::Machine => machine::token(bureau).await?,
        };
        let url = match (service_account, source) {
            (Some(email), _) => Some(impersonate::url_of(email)),
            (None, GoogleSource::External(ExternalFile(file))) => {
                file.service_account_impersonation_url.clone()
            }
            (None, _) => None,
        };
        if let Some(url) = url {
            token = impersonate::token(&url, &token, bureau).await?;
        }
        tracing::debug!(
            registry = %bureau.registry,
            life_seconds = token.life.as_secs(),
            "access token received"
        );
        Ok(Fresh { value: token.token, since, life: token.life })
    }
}
