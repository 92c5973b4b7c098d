//! Where keys of AWS come from, in the order of Amazon's own programs.

use super::super::bureau::Bureau;
use super::super::id_token::{self, IdTokenSource};
use super::super::keys::Variables;
use super::ecr::EcrService;
use super::{Keys, machine, profile, role};
use crate::access::IdToken;
use crate::failure::Fallible;
use crate::store::registry::credentials::ambient::carrier::Route;
use url::Url;

/// Where keys stand, for all programs of Amazon.
const KEYS: Variables =
    Variables { id: "AWS_ACCESS_KEY_ID", secret: "AWS_SECRET_ACCESS_KEY", session: "AWS_SESSION_TOKEN" };

/// Where keys come from.
pub(in super::super) enum KeySource {
    /// `AWS_ACCESS_KEY_ID` and its kin.
    Environment(Keys),
    /// A role that is taken on with an identity token.
    Role { arn: String, token: IdTokenSource, audience: Option<String> },
    /// A profile in the file of Amazon's programs.
    Profile { keys: Keys, name: String },
    /// The service that a container's environment names.
    Container(Url),
    /// The metadata service of the machine.
    Machine,
}

impl KeySource {
    /// The role that the spec names.
    pub(in super::super) fn of_role(arn: &str, token: &IdToken, bureau: &Bureau) -> Fallible<Self> {
        let environment = &bureau.environment;
        let found = IdTokenSource::of(token, environment)
            .or_else(|| IdTokenSource::of_file(environment, "AWS_WEB_IDENTITY_TOKEN_FILE"));
        match found {
            Some(found) => {
                Ok(Self::Role { arn: arn.to_owned(), token: found, audience: token.audience.clone() })
            }
            None => Err(id_token::missing(bureau, &format!("the role {arn}"))),
        }
    }

    /// What the environment and the files of Amazon's programs say; none when they say nothing.
    pub(in super::super) async fn of_surroundings(
        token: &IdToken,
        bureau: &Bureau,
    ) -> Fallible<Option<Self>> {
        let environment = &bureau.environment;
        if let Some(keys) = KEYS.keys(bureau)? {
            return Ok(Some(Self::Environment(keys)));
        }
        if let Some(arn) = environment.text("AWS_ROLE_ARN") {
            let found = token
                .token
                .is_none()
                .then(|| IdTokenSource::of_file(environment, "AWS_WEB_IDENTITY_TOKEN_FILE"))
                .flatten()
                .or_else(|| IdTokenSource::of(token, environment));
            if let Some(found) = found {
                let audience = token.audience.clone();
                return Ok(Some(Self::Role { arn: arn.to_owned(), token: found, audience }));
            }
        }
        if let Some((name, keys)) = profile::keys(bureau).await? {
            return Ok(Some(Self::Profile { keys, name }));
        }
        Ok(machine::container(bureau)?.map(Self::Container))
    }

    /// Keys, as they are now.
    pub(super) async fn keys(&self, service: &EcrService, bureau: &Bureau) -> Fallible<Keys> {
        match self {
            Self::Environment(keys) | Self::Profile { keys, .. } => Ok(keys.clone()),
            Self::Role { arn, token, audience } => {
                role::keys(arn, token, audience.as_deref(), service, bureau).await
            }
            Self::Container(url) => machine::container_keys(url, bureau).await,
            Self::Machine => machine::keys(bureau, Route::Probe).await,
        }
    }

    /// For people: completes "ECR by …".
    pub(in super::super) fn describe(&self) -> String {
        match self {
            Self::Environment(_) => "access keys from the environment".to_owned(),
            Self::Role { arn, .. } => {
                format!("web identity, role …/{}", arn.rsplit('/').next().unwrap_or_default().escape_debug())
            }
            Self::Profile { name, .. } => format!("the profile {}", name.escape_debug()),
            Self::Container(_) => "container credentials".to_owned(),
            Self::Machine => "instance metadata".to_owned(),
        }
    }
}
