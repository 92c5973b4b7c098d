//! Docker's `config.json` and podman's `auth.json`. Never shows what is in them.

use super::CredentialKind;
use super::key;
use crate::oci::{Registry, RepositoryPath};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What such a file says. Entries are looked into when they are needed: a broken one that nobody
/// needs is nobody's problem.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthFile {
    #[serde(default)]
    auths: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cred_helpers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    creds_store: Option<String>,
}

/// Which program keeps the credentials of a registry, by a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Keeper<'a> {
    /// This one, for this registry alone.
    Own(&'a str),
    /// The registry is exempt from the file's general one.
    Nobody,
    /// This one, which is asked for all registries.
    General(&'a str),
    /// The file names none.
    Unnamed,
}

/// One entry of `auths`, in docker's spelling.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
struct Entry {
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    identitytoken: Option<String>,
    #[serde(default)]
    registrytoken: Option<String>,
}

/// Standard base64; docker writes the padding, people who do it by hand lose it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl AuthFile {
    /// Reads a file. The error completes the phrase "FILE …" and says where, not what: a parser
    /// quotes what it stumbles over.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.trim_ascii().is_empty() {
            return Ok(Self { auths: None, cred_helpers: None, creds_store: None });
        }
        serde_json::from_slice(bytes).map_err(|error| {
            let what = if error.is_data() {
                "does not have the form of docker's config.json"
            } else {
                "is not JSON"
            };
            format!("{what} (line {}, column {})", error.line(), error.column())
        })
    }

    /// Who keeps the credentials for a repository outside the file.
    pub(super) fn keeper(&self, registry: &Registry, path: &RepositoryPath) -> Keeper<'_> {
        let own = self.cred_helpers.as_ref().and_then(|helpers| key::best(helpers, registry, path));
        let own = own.map(|(_, name)| name.as_str());
        match (own, self.creds_store.as_deref()) {
            (Some(""), _) => Keeper::Nobody,
            (Some(name), _) => Keeper::Own(name),
            (None, None | Some("")) => Keeper::Unnamed,
            (None, Some(name)) => Keeper::General(name),
        }
    }

    /// The credential for a repository in the file itself. Entries without a secret are what docker
    /// leaves behind when a program keeps it, and count as missing.
    ///
    /// The error completes the phrase "FILE …".
    pub(super) fn entry(
        &self,
        registry: &Registry,
        path: &RepositoryPath,
    ) -> Result<Option<CredentialKind>, String> {
        let filled = |(_, value): &(&String, &Value)| !is_placeholder(value);
        let Some((key, value)) = key::best(self.auths.iter().flatten().filter(filled), registry, path) else {
            return Ok(None);
        };
        let entry = Entry::deserialize(value)
            .map_err(|_| format!("has an entry {key:?} under `auths` that does not have docker's form"))?;
        entry.kind().map_err(|why| format!("has an entry {key:?} under `auths` whose `auth` {why}"))
    }
}

/// Whether an entry has none of the members that hold a secret.
fn is_placeholder(value: &Value) -> bool {
    let given = |name: &str| value.get(name).is_some_and(|v| !v.is_null() && v.as_str() != Some(""));
    let secrets = ["auth", "password", "identitytoken", "registrytoken"];
    value.is_null() || (value.is_object() && !secrets.into_iter().any(given))
}

impl Entry {
    /// What the entry says. A registry token goes before an identity token, that before a
    /// password, and `auth` before the two members that it was made of, as in docker.
    fn kind(self) -> Result<Option<CredentialKind>, &'static str> {
        let Self { auth, username, password, identitytoken, registrytoken } = self;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        if let Some(token) = given(registrytoken) {
            return Ok(Some(CredentialKind::RegistryToken(token.into())));
        }
        if let Some(token) = given(identitytoken) {
            return Ok(Some(CredentialKind::IdentityToken(token.into())));
        }
        if let Some(auth) = given(auth) {
            return unpack(&auth).map(Some);
        }
        Ok(given(username)
            .zip(given(password))
            .map(|(username, password)| CredentialKind::Password { username, password: password.into() }))
    }
}

/// `USER:PASSWORD` in base64; the password may have colons, and zero bytes at its end which old
/// versions of docker left there.
fn unpack(auth: &str) -> Result<CredentialKind, &'static str> {
    let bytes = BASE64.decode(auth.trim()).map_err(|_| "is not base64")?;
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 inside its base64")?;
    let (username, password) = text.split_once(':').ok_or("has no colon inside its base64")?;
    if username.is_empty() {
        return Err("has no user name inside its base64");
    }
    let password = SecretString::from(password.trim_end_matches('\0'));
    Ok(CredentialKind::Password { username: username.to_owned(), password })
}
