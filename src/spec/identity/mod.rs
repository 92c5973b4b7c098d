//! Who we are by what surrounds the run: the words of a spec for it.

mod parts;

pub(super) use parts::{PARTS, Part};

use crate::oci::{Home, Registry, TencentHost};

/// What `identity` can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdentityWord {
    Ecr,
    Gar,
    Acr,
    GitHub,
    Aliyun,
    Swr,
    Tcr,
}

impl IdentityWord {
    /// Whether it says something to this registry.
    pub(super) fn is_for(self, registry: &Registry) -> bool {
        match registry.home() {
            Some(Home::Ecr(_) | Home::EcrPublic) => self == Self::Ecr,
            Some(Home::Google) => self == Self::Gar,
            Some(Home::Azure(_)) => self == Self::Acr,
            Some(Home::GitHub) => self == Self::GitHub,
            Some(Home::Aliyun(_)) => self == Self::Aliyun,
            Some(Home::Swr(_)) => self == Self::Swr,
            Some(Home::Tencent(TencentHost::Enterprise(_))) => self == Self::Tcr,
            Some(Home::Tencent(TencentHost::Personal(_))) | None => false,
        }
    }

    /// The registries that it says something to, for people.
    pub(super) fn hosts(self) -> &'static str {
        match self {
            Self::Ecr => "`ACCOUNT.dkr.ecr.REGION.amazonaws.com` and `public.ecr.aws`",
            Self::Gar => "`REGION-docker.pkg.dev` and `gcr.io`",
            Self::Acr => "`NAME.azurecr.io`",
            Self::GitHub => "`ghcr.io`",
            Self::Aliyun => "`NAME-registry.REGION.cr.aliyuncs.com`",
            Self::Swr => "`swr.REGION.myhuaweicloud.com`",
            Self::Tcr => "`NAME.tencentcloudcr.com`",
        }
    }
}

choice!(IdentityWord { Ecr = "ecr", Gar = "gar", Acr = "acr", GitHub = "github", Aliyun = "aliyun", Swr = "swr", Tcr = "tcr", });
