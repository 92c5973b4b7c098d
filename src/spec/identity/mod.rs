//! Who we are by what surrounds the run: what a spec can say of that. Plain values.

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

choice!(IdentityWord { Ecr = "ecr", Gar = "gar", Acr = "acr", GitHub = "github", });
