//! Where a token of Azure's directory comes from.

use super::super::bureau::Bureau;
use super::super::id_token::{self, IdTokenSource};
use super::{directory, machine};
use crate::access::IdToken;
use crate::failure::Fallible;
use crate::oci::AzureCloud;
use secrecy::SecretString;

/// Where the token comes from.
pub(in super::super) enum AzureSource {
    /// The secret of an application.
    Secret { application: Application, secret: SecretString },
    /// An identity token that the application trusts.
    Federated { application: Application, token: IdTokenSource, audience: Option<String> },
    /// The identity of the machine.
    Machine { client: Option<String> },
}

/// Who we are in the directory.
#[derive(Debug, Clone)]
pub(in super::super) struct Application {
    pub(in super::super) tenant: String,
    pub(in super::super) client: String,
}

impl AzureSource {
    /// What the spec and the environment say; none when they say nothing.
    pub(in super::super) fn of(
        tenant: Option<&str>,
        client: Option<&str>,
        token: &IdToken,
        bureau: &Bureau,
    ) -> Fallible<Option<Self>> {
        let environment = &bureau.environment;
        let named = tenant.is_some() || token.token.is_some();
        let text = |given: Option<&str>, name| given.or_else(|| environment.text(name)).map(str::to_owned);
        let (tenant, client) = (text(tenant, "AZURE_TENANT_ID"), text(client, "AZURE_CLIENT_ID"));
        if let (Some(tenant), Some(client)) = (&tenant, &client) {
            let application = Application { tenant: checked(tenant, bureau)?, client: client.clone() };
            if let (None, Some(secret)) = (&token.token, environment.secret("AZURE_CLIENT_SECRET")) {
                return Ok(Some(Self::Secret { application, secret }));
            }
            let found = token
                .token
                .is_none()
                .then(|| IdTokenSource::of_file(environment, "AZURE_FEDERATED_TOKEN_FILE"))
                .flatten()
                .or_else(|| IdTokenSource::of(token, environment));
            if let Some(found) = found {
                let audience = token.audience.clone();
                return Ok(Some(Self::Federated { application, token: found, audience }));
            }
            if named {
                return Err(id_token::missing(bureau, &format!("the application {client}")));
            }
        } else if named {
            let message = "a directory or an identity token is named, and the other half is missing";
            return Err(bureau
                .failure(message)
                .hint("give `tenant` and `client`, or AZURE_TENANT_ID and AZURE_CLIENT_ID"));
        }
        Ok(machine::is_named(bureau).then_some(Self::Machine { client }))
    }

    /// A token of the directory.
    pub(super) async fn token(&self, cloud: AzureCloud, bureau: &Bureau) -> Fallible<SecretString> {
        match self {
            Self::Secret { application, secret } => {
                directory::by_secret(application, secret, cloud, bureau).await
            }
            Self::Federated { application, token, audience } => {
                directory::by_id_token(application, token, audience.as_deref(), cloud, bureau).await
            }
            Self::Machine { client } => machine::token(client.as_deref(), bureau).await,
        }
    }

    /// For people: completes "ACR by …".
    pub(in super::super) fn describe(&self) -> String {
        match self {
            Self::Secret { application, .. } => {
                format!("the secret of the application {}", application.client.escape_debug())
            }
            Self::Federated { application, .. } => {
                format!("federated identity, application {}", application.client.escape_debug())
            }
            Self::Machine { .. } => "managed identity".to_owned(),
        }
    }
}

/// A directory becomes a part of a path.
fn checked(tenant: &str, bureau: &Bureau) -> Fallible<String> {
    let legal =
        !tenant.contains("..") && tenant.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    match legal {
        true => Ok(tenant.to_owned()),
        false => Err(bureau.failure("AZURE_TENANT_ID is not the id of a directory")),
    }
}
