//! A home directory for one test: files, programs, and the environment that leads to them.

use crate::access::{Credentials, RegistrySettings};
use crate::failure::Failure;
use crate::store::registry::credentials::ambient::tests::Surroundings;
use crate::store::registry::credentials::{Credential, Environment, Keychain};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory with `HOME` and `PATH` in it.
pub(super) struct Home {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub(super) fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let home = directory.path().display().to_string();
        let path = directory.path().join("bin").display().to_string();
        let variables = vec![("HOME".to_owned(), home), ("PATH".to_owned(), format!("{path}:/usr/bin:/bin"))];
        Self { directory, variables }
    }

    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    pub(super) fn file(self, path: &str, text: &str) -> Self {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    /// A variable whose value is this text.
    pub(super) fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// A variable whose value is a path below the home directory.
    pub(super) fn pointing(self, name: &str, path: &str) -> Self {
        let path = self.at(path).display().to_string();
        self.variable(name, path)
    }

    /// The program `docker-credential-NAME`: a shell script that can log to `$HOME/log`.
    #[cfg(unix)]
    pub(super) fn program(self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let path = format!("bin/docker-credential-{name}");
        let home = self.file(&path, &format!("#!/bin/sh\necho asked >> \"$HOME/log\"\n{script}\n"));
        fs::set_permissions(home.at(&path), fs::Permissions::from_mode(0o755)).expect("permissions");
        home
    }

    /// How often the programs were run.
    pub(super) fn runs(&self) -> usize {
        fs::read_to_string(self.at("log")).unwrap_or_default().lines().count()
    }

    pub(super) fn environment(&self) -> Environment {
        Environment::of(self.variables.clone())
    }

    pub(super) fn keychain(&self) -> Keychain {
        keychain(self.environment())
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// What is found for a repository, on one line.
    pub(super) async fn found(&self, repository: &str) -> String {
        self.shown(lookup(&self.keychain(), repository, None).await)
    }

    /// What was found, or went wrong, without the name of the directory of the day.
    pub(super) fn shown(&self, found: Result<Option<Credential>, Box<Failure>>) -> String {
        let text = match found {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(credential)) => show(&credential),
            Err(failure) => {
                let hint = failure.hint.as_deref().unwrap_or("-");
                format!("{}: {failure}\n  hint: {hint}", failure.code.as_str())
            }
        };
        text.replace(&self.path().display().to_string(), "DIRECTORY")
    }
}

/// A keychain in surroundings that know nobody.
pub(super) fn keychain(environment: Environment) -> Keychain {
    let surroundings = Surroundings::new(|_, _| panic!("nothing is asked of anybody"));
    let ambient = surroundings.ambient(environment.clone());
    Keychain::new(environment, ambient)
}

pub(super) async fn lookup(
    keychain: &Keychain,
    repository: &str,
    spec: Option<&Credentials>,
) -> Result<Option<Credential>, Box<Failure>> {
    let (registry, path) = repository.split_once('/').expect("a repository");
    let settings = RegistrySettings { credentials: spec.cloned(), ..RegistrySettings::default() };
    keychain.lookup(&registry.parse().expect("a registry"), &path.parse().expect("a path"), &settings).await
}

fn show(credential: &Credential) -> String {
    let secret = credential.secret().expect("a secret at hand");
    format!("{credential}: {}", secret.expose_secret())
}

/// A file with one entry for a registry.
pub(super) fn auths(key: &str, user_and_password: &str) -> String {
    format!(r#"{{"auths":{{"{key}":{{"auth":"{}"}}}}}}"#, STANDARD.encode(user_and_password))
}
