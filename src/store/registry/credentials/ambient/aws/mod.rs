//! Amazon ECR: keys of an account, and the password that they are good for.

mod calls;
mod ecr;
mod machine;
mod profile;
mod role;
mod source;

pub(super) use ecr::{Ecr, EcrService, USERNAME};
pub(super) use source::KeySource;

use super::signing::Keys;
use serde::Deserialize;

/// Keys as the services of a machine give them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GivenKeys {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}
