//! Who we are by what surrounds the run: a cloud's machine, a CI system.

use secrecy::{ExposeSecret, SecretString};

/// Who we are by what surrounds the run, where the spec asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// To Amazon ECR.
    Ecr {
        /// The ARN of the role that is taken on with an identity token; none is the environment's.
        role: Option<String>,
        /// The identity token.
        token: IdToken,
    },
    /// To Google Artifact Registry.
    Gar {
        /// The workload identity provider, `projects/…/providers/…`; none is the environment's.
        provider: Option<String>,
        /// The e-mail address of the service account that is impersonated.
        service_account: Option<String>,
        /// The identity token.
        token: IdToken,
    },
    /// To Azure Container Registry.
    Acr {
        /// The directory that knows us; none is the environment's.
        tenant: Option<String>,
        /// The application or managed identity that we are; none is the environment's.
        client: Option<String>,
        /// The identity token.
        token: IdToken,
    },
    /// To `ghcr.io`, by the token of a workflow.
    GitHub,
    /// To Alibaba Cloud's registry, Enterprise Edition, by keys in the environment.
    Aliyun,
    /// To Huawei Cloud's SWR, by keys in the environment.
    Swr,
    /// To the enterprise edition of Tencent Cloud's registry, by keys of the account.
    Tcr,
}

/// Which identity token (OIDC) is shown to a cloud.
#[derive(Debug, Clone, Default)]
pub struct IdToken {
    /// For whom it must be; none is what the cloud expects by default.
    pub audience: Option<String>,
    /// The token itself; none means to ask the CI system.
    pub token: Option<SecretString>,
}

impl Identity {
    /// The identity token that it is proved with, where one can be.
    pub fn token(&self) -> Option<&IdToken> {
        match self {
            Self::Ecr { token, .. } | Self::Gar { token, .. } | Self::Acr { token, .. } => Some(token),
            Self::GitHub | Self::Aliyun | Self::Swr | Self::Tcr => None,
        }
    }
}

impl PartialEq for IdToken {
    fn eq(&self, other: &Self) -> bool {
        let exposed = |token: &Self| token.token.as_ref().map(|secret| secret.expose_secret().to_owned());
        self.audience == other.audience && exposed(self) == exposed(other)
    }
}

impl Eq for IdToken {}
