//! What holds for docker's files of credentials, whatever the bytes are.

use super::auth_file::{AuthFile, Keeper};
use super::{Credential, CredentialKind};
use crate::oci::Repository;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// Repositories that such files are about.
const REPOSITORIES: [&str; 4] =
    ["docker.io/library/alpine", "ghcr.io/acme/web", "localhost:5000/a/b", "r.test/team/app"];
/// The members of an entry that hold a secret.
const SECRETS: [&str; 4] = ["auth", "password", "identitytoken", "registrytoken"];
/// What is put in place of each secret.
const CANARY: &str = "xCANARYx";

/// `config.json`: what was read is read again from how docker writes it, no error tells a secret, and nobody
/// is asked for by an empty name.
pub fn docker_config(bytes: &[u8]) -> bool {
    let file = match AuthFile::parse(bytes) {
        Ok(file) => file,
        Err(why) => {
            assert!(why.len() < 200 && !why.contains(char::is_control), "{why:?}");
            return false;
        }
    };
    let mut is_found = false;
    for repository in REPOSITORIES {
        if let Some(Ok(Some(kind))) = found(&file, repository) {
            assert_round_trip(repository, &kind);
            is_found = true;
        }
        if let Repository::Registry { registry, path } = repository.parse().expect("a repository") {
            match file.keeper(&registry, &path) {
                Keeper::Own(name) | Keeper::General(name) => assert!(!name.is_empty()),
                Keeper::Nobody | Keeper::Unnamed => {}
            }
        }
    }
    tells_no_secret(bytes);
    is_found
}

/// What a file says of a repository.
fn found(file: &AuthFile, repository: &str) -> Option<Result<Option<CredentialKind>, String>> {
    match repository.parse().expect("a repository") {
        Repository::Registry { registry, path } => Some(file.entry(&registry, &path)),
        Repository::Local { .. } => None,
    }
}

/// The same credential in the form in which docker writes it.
fn assert_round_trip(repository: &str, kind: &CredentialKind) {
    let host = repository.split('/').next().unwrap_or_default();
    let key = if host == "docker.io" { super::key::DOCKER_HUB_KEY } else { host };
    let entry = match kind {
        // Docker has no way to write a user name with a colon.
        CredentialKind::Password { username, .. } if username.contains(':') => return,
        CredentialKind::Password { username, password } => {
            json!({ "auth": STANDARD.encode(format!("{username}:{}", password.expose_secret())) })
        }
        CredentialKind::IdentityToken(token) => json!({ "identitytoken": token.expose_secret() }),
        CredentialKind::RegistryToken(token) => json!({ "registrytoken": token.expose_secret() }),
        CredentialKind::Minted(_) => unreachable!("no file has one"),
    };
    let text = json!({ "auths": { key: entry } }).to_string();
    let file = AuthFile::parse(text.as_bytes()).expect("docker's form");
    let again = found(&file, repository).expect("a registry").expect("an entry").expect("a credential");
    let (one, other) = (Credential::new(kind.clone(), ""), Credential::new(again, ""));
    assert_eq!(one.username(), other.username());
    let secret = |credential: &Credential| {
        credential.secret().map(|secret| secret.expose_secret().trim_end_matches('\0').to_owned())
    };
    assert_eq!(secret(&one), secret(&other));
}

/// The same file with a canary for each secret: neither an error nor what is shown of a credential has it.
fn tells_no_secret(bytes: &[u8]) {
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else { return };
    let entries = value.get_mut("auths").and_then(Value::as_object_mut);
    let entries = entries.into_iter().flat_map(serde_json::Map::values_mut).filter_map(Value::as_object_mut);
    for entry in entries {
        for secret in SECRETS {
            if let Some(text @ Value::String(_)) = entry.get_mut(secret) {
                *text = CANARY.into();
            }
        }
    }
    let text = value.to_string();
    let file = AuthFile::parse(text.as_bytes());
    for found in REPOSITORIES.iter().filter_map(|name| found(file.as_ref().ok()?, name)) {
        let shown = match found {
            Ok(Some(kind)) => {
                let credential = Credential::new(kind, "a file");
                format!("{credential} {credential:?}")
            }
            Ok(None) => continue,
            Err(why) => why,
        };
        // A key may be called so, and is told.
        let named = |key: &String| key.contains(CANARY);
        let is_named = value["auths"].as_object().is_some_and(|auths| auths.keys().any(named));
        assert!(is_named || !shown.contains(CANARY), "{shown}");
    }
}
