//! Alibaba Cloud's registry, Enterprise Edition: keys of an account, and the password that they are good for.

mod calls;
mod password;

pub(super) use calls::Aliyun;
pub(super) use password::USERNAME;

use super::keys::Variables;

/// Where the keys stand, for all programs of Alibaba Cloud.
pub(super) const KEYS: Variables = Variables {
    id: "ALIBABA_CLOUD_ACCESS_KEY_ID",
    secret: "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    session: "ALIBABA_CLOUD_SECURITY_TOKEN",
};

/// For people: completes "ACR EE by …".
pub(super) const SOURCE: &str = "access keys from the environment";
