//! Who we are by what surrounds the run: what a spec can say of that. Plain values.

mod parts;

pub(super) use parts::{PARTS, Part};

use crate::oci::{Home, Registry};
use secrecy::SecretString;

/// Who we are by our surroundings, and what we ask to be.
#[derive(Debug, Clone)]
pub enum Identity {
    /// To Amazon ECR.
    Ecr {
        /// The ARN of the role that is taken on with an identity token.
        role: Option<String>,
        /// The identity token.
        token: IdToken,
    },
    /// To Google Artifact Registry.
    Gar {
        /// The workload identity provider: `projects/…/providers/…`.
        provider: Option<String>,
        /// The e-mail address of the service account that is impersonated.
        service_account: Option<String>,
        /// The identity token.
        token: IdToken,
    },
    /// To Azure Container Registry.
    Acr {
        /// The directory that knows us.
        tenant: Option<String>,
        /// The application or managed identity that we are.
        client: Option<String>,
        /// The identity token.
        token: IdToken,
    },
    /// To `ghcr.io`, by the token of a workflow.
    GitHub,
}

/// Which identity token (OIDC) is shown to a cloud.
#[derive(Debug, Clone, Default)]
pub struct IdToken {
    /// For whom it must be; none is what the cloud expects by default.
    pub audience: Option<String>,
    /// The token itself; none means to ask the CI system.
    pub token: Option<SecretString>,
}

/// What `identity` can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdentityWord {
    Ecr,
    Gar,
    Acr,
    GitHub,
}

impl Identity {
    /// The identity token that it is proved with, where one can be.
    pub(super) fn token(&self) -> Option<&IdToken> {
        match self {
            Self::Ecr { token, .. } | Self::Gar { token, .. } | Self::Acr { token, .. } => Some(token),
            Self::GitHub => None,
        }
    }
}

impl IdentityWord {
    /// Whether it says something to this registry.
    pub(super) fn is_for(self, registry: &Registry) -> bool {
        match registry.home() {
            Some(Home::Ecr(_) | Home::EcrPublic) => self == Self::Ecr,
            Some(Home::Google) => self == Self::Gar,
            Some(Home::Azure(_)) => self == Self::Acr,
            Some(Home::GitHub) => self == Self::GitHub,
            None => false,
        }
    }

    /// The registries that it says something to, for people.
    pub(super) fn hosts(self) -> &'static str {
        match self {
            Self::Ecr => "`ACCOUNT.dkr.ecr.REGION.amazonaws.com` and `public.ecr.aws`",
            Self::Gar => "`REGION-docker.pkg.dev` and `gcr.io`",
            Self::Acr => "`NAME.azurecr.io`",
            Self::GitHub => "`ghcr.io`",
        }
    }
}

choice!(IdentityWord { Ecr = "ecr", Gar = "gar", Acr = "acr", GitHub = "github", });
