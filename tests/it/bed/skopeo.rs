//! Skopeo: a reader and writer of registries and layouts that is not ours.
//!
//! References are skopeo's own: `docker://host:port/repository:tag`, `oci:folder:tag`.

use super::digest::sha256;
use super::tools;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// How skopeo speaks to registries.
pub struct Skopeo {
    program: PathBuf,
    home: TempDir,
    certificates: Option<PathBuf>,
    credentials: Option<String>,
}

impl Skopeo {
    /// Over plain HTTP, as nobody.
    pub fn new() -> Self {
        let program = tools::find("skopeo", "skopeo");
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        Self { program, home, certificates: None, credentials: None }
    }

    /// As this user.
    pub fn credentials(mut self, user: &str, password: &str) -> Self {
        self.credentials = Some(format!("{user}:{password}"));
        self
    }

    /// Over TLS with the certificates in this folder: `ca.crt`, and `client.cert` with `client.key`.
    pub fn certificates(mut self, folder: &Path) -> Self {
        self.certificates = Some(folder.to_owned());
        self
    }

    /// The manifest that a reference names, byte for byte.
    ///
    /// # Errors
    /// What skopeo said.
    pub fn inspect_raw(&self, reference: &str) -> Result<Vec<u8>, String> {
        let mut command = self.command("inspect");
        self.options(&mut command, "");
        tools::run(command.args(["--raw", reference]))
    }

    /// The digest of the manifest that a reference names.
    ///
    /// # Errors
    /// What skopeo said.
    pub fn digest(&self, reference: &str) -> Result<String, String> {
        Ok(sha256(&self.inspect_raw(reference)?))
    }

    /// Copies an image with all its platforms, byte for byte.
    ///
    /// # Errors
    /// What skopeo said.
    pub fn copy_all(&self, source: &str, target: &str) -> Result<(), String> {
        self.copy_all_to(source, self, target)
    }

    /// The same to a registry that `other` speaks to.
    ///
    /// # Errors
    /// What skopeo said.
    pub fn copy_all_to(&self, source: &str, other: &Self, target: &str) -> Result<(), String> {
        let mut command = self.command("copy");
        command.args(["--all", "--preserve-digests", "--quiet"]);
        self.options(&mut command, "src-");
        other.options(&mut command, "dest-");
        tools::run(command.args([source, target])).map(drop)
    }

    /// Copies what an image has for one architecture of Linux, without its index.
    ///
    /// # Errors
    /// What skopeo said.
    pub fn copy_one(&self, source: &str, target: &str, architecture: &str) -> Result<(), String> {
        let mut command = self.command("--override-os=linux");
        command.arg(format!("--override-arch={architecture}")).args(["copy", "--quiet"]);
        self.options(&mut command, "src-");
        self.options(&mut command, "dest-");
        tools::run(command.args([source, target])).map(drop)
    }

    /// The tags of a repository: `docker://host:port/repository`.
    ///
    /// # Errors
    /// What skopeo said.
    pub fn list_tags(&self, repository: &str) -> Result<Vec<String>, String> {
        let mut command = self.command("list-tags");
        self.options(&mut command, "");
        let answer = tools::run(command.arg(repository))?;
        let answer: Value = serde_json::from_slice(&answer).expect("skopeo answers in JSON");
        let tags = answer["Tags"].as_array().into_iter().flatten();
        Ok(tags.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// What `skopeo sync --src yaml` would copy, from where to where: `registry/repository:tag`. Nothing is
    /// copied.
    ///
    /// # Errors
    /// What skopeo said.
    pub fn would_sync(
        &self,
        file: &Path,
        target: &str,
        flags: &[&str],
    ) -> Result<Vec<(String, String)>, String> {
        let mut command = self.command("sync");
        command.args(["--dry-run", "--src", "yaml", "--dest", "docker"]).args(flags);
        command.arg("--dest-tls-verify=false").arg(file).arg(target);
        let output = command.output().expect("the program was found before");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            return Err(said);
        }
        let field = |line: &str, name: &str| {
            let rest = line.split_once(&format!(" {name}=\"docker://"))?.1;
            Some(rest.split('"').next()?.to_owned())
        };
        Ok(said.lines().filter_map(|line| Some((field(line, "from")?, field(line, "to")?))).collect())
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().env("HOME", self.home.path()).env("TMPDIR", self.home.path());
        command.env("PATH", "/usr/bin:/bin").args(["--insecure-policy", verb]);
        command
    }

    fn options(&self, command: &mut Command, side: &str) {
        match &self.certificates {
            Some(folder) => command.arg(format!("--{side}cert-dir={}", folder.display())),
            None => command.arg(format!("--{side}tls-verify=false")),
        };
        if let Some(credentials) = &self.credentials {
            command.arg(format!("--{side}creds={credentials}"));
        }
    }
}
