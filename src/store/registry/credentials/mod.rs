//! STUB
#![allow(missing_docs, dead_code, clippy::allow_attributes_without_reason)]
use super::settings::CredentialSettings;
use crate::failure::*;
use crate::oci::*;
use secrecy::SecretString;
use std::ffi::OsString;
#[derive(Debug, Clone)]
pub enum CredentialKind { Password { username: String, password: SecretString }, IdentityToken(SecretString), RegistryToken(SecretString) }
#[derive(Debug, Clone)]
pub struct Credential { kind: CredentialKind, source: String }
impl Credential { pub fn kind(&self) -> &CredentialKind { &self.kind } pub fn source(&self) -> &str { &self.source } }
pub struct Environment;
impl Environment { pub fn of<N: Into<OsString>, V: Into<OsString>>(_v: impl IntoIterator<Item = (N, V)>) -> Self { Self } }
pub struct Keychain;
impl Keychain { pub fn new(_e: Environment) -> Self { Self } pub async fn lookup(&self, _r: &Registry, _p: &RepositoryPath, _s: Option<&CredentialSettings>) -> Fallible<Option<Credential>> { Ok(None) } }
