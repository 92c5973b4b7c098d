//! The file that `GOOGLE_APPLICATION_CREDENTIALS` names. Never shows what is in it.

use super::super::bureau::Bureau;
use crate::failure::{Failure, Fallible};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The variable that names the file.
pub(super) const VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
/// The largest file, in bytes.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// What the file can be.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum KeyFile {
    ServiceAccount(AccountKey),
    ExternalAccount(Box<ExternalAccount>),
    /// Anything else.
    #[serde(other)]
    Unknown,
}

/// The key of a service account.
#[derive(Deserialize, Clone)]
pub(super) struct AccountKey {
    pub(super) client_email: String,
    pub(super) private_key: Hidden,
    #[serde(default)]
    pub(super) private_key_id: Option<String>,
    #[serde(default)]
    pub(super) token_uri: Option<String>,
}

/// A text that does not print.
#[derive(Clone)]
pub(super) struct Hidden(pub(super) SecretString);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// Who shall be believed about us: workload identity federation.
#[derive(Deserialize, Clone)]
pub(super) struct ExternalAccount {
    pub(super) audience: String,
    #[serde(default)]
    pub(super) subject_token_type: Option<String>,
    pub(super) token_url: String,
    #[serde(default)]
    pub(super) service_account_impersonation_url: Option<String>,
    pub(super) credential_source: Subject,
}

/// Where the proof is.
#[derive(Deserialize, Clone)]
pub(super) struct Subject {
    #[serde(default)]
    pub(super) file: Option<PathBuf>,
    #[serde(default)]
    pub(super) url: Option<String>,
    /// Headers of the request for it, which may be secret.
    #[serde(default)]
    pub(super) headers: Option<BTreeMap<String, Hidden>>,
    #[serde(default)]
    pub(super) format: Option<SubjectFormat>,
}

/// How the proof is packed.
#[derive(Deserialize, Clone)]
pub(super) struct SubjectFormat {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) subject_token_field_name: Option<String>,
}

impl KeyFile {
    /// Reads the file, if the environment names one.
    pub(super) async fn read(bureau: &Bureau) -> Fallible<Option<Self>> {
        let Some(path) = bureau.environment.path(VARIABLE) else { return Ok(None) };
        let wrong = |why: &str| broken(bureau, why);
        let text = tokio::fs::read(&path).await.map_err(|error| {
            let place = bureau.environment.short(&path);
            broken(bureau, &format!("{place}, which cannot be read: {}", error.kind()))
        })?;
        if text.len() > FILE_BYTES_MAX {
            return Err(wrong("a file that is too large"));
        }
        match serde_json::from_slice(&text) {
            Ok(Self::Unknown) => Err(wrong("a file of a type that is not known here")
                .hint("the types are `service_account` and `external_account`; else use `helper: gcloud` in the spec")),
            Ok(file) => Ok(Some(file)),
            // A parser quotes what it stumbles over.
            Err(_) => Err(wrong("a file that is not what Google makes")),
        }
    }
}

pub(super) fn broken(bureau: &Bureau, why: &str) -> Box<Failure> {
    bureau.failure(format!("{VARIABLE} names {why}")).hint(format!(
        "name the file that Google made, or unset {VARIABLE}; elsewhere `helper` in the spec may do"
    ))
}
