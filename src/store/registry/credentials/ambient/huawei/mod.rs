//! Huawei Cloud's SWR: keys of an account, and the password that is computed of them.

mod calls;
mod password;

pub(super) use calls::Swr;

use super::keys::Variables;

/// Where the keys stand, for all programs of Huawei Cloud.
pub(super) const KEYS: Variables = Variables {
    id: "HUAWEICLOUD_SDK_AK",
    secret: "HUAWEICLOUD_SDK_SK",
    session: "HUAWEICLOUD_SDK_SECURITY_TOKEN",
};

/// For people: completes "SWR by …".
pub(super) const SOURCE: &str = "access keys from the environment";
