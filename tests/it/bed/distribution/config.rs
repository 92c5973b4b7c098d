//! The configuration file of docker-registry, for each of the set-ups that we need.

use crate::bed::certificates::Certificates;
use crate::bed::grants::Users;
use crate::bed::tools;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a registry is set up; the default is plain HTTP, open to everybody.
#[derive(Default)]
pub(super) struct Config {
    pub(super) certificates: Option<Certificates>,
    pub(super) wants_client_certificate: bool,
    pub(super) passwords: Option<Users>,
    /// The realm, and the certificate of the token server, PEM.
    pub(super) token: Option<(String, String)>,
    pub(super) is_read_only: bool,
    /// The URL of the registry from which it fetches what it lacks.
    pub(super) pulls_through: Option<String>,
    /// Whether it remembers which blobs it has, also those that it has lost.
    pub(super) is_cached: bool,
}

impl Config {
    pub(super) fn with_tls() -> Self {
        Self { certificates: Some(Certificates::new()), ..Self::default() }
    }

    /// Writes the file, and those that it names, into `folder`. JSON is YAML.
    pub(super) fn write(&self, folder: &Path, host: &str) -> PathBuf {
        let mut config = json!({
            "version": 0.1,
            "log": { "level": "info" },
            "storage": { "filesystem": { "rootdirectory": folder.join("storage") } },
            // A fixed secret lets uploads survive a restart.
            "http": { "addr": host, "secret": "not-a-secret" },
            // Without a word about them it takes no layers that lie elsewhere.
            "validation": { "manifests": { "urls": { "allow": ["^https?://"] } } },
        });
        if self.is_cached {
            config["storage"]["cache"] = json!({ "blobdescriptor": "inmemory" });
        }
        if let Some(url) = &self.pulls_through {
            config["proxy"] = json!({ "remoteurl": url });
        }
        if self.is_read_only {
            config["storage"]["maintenance"] = json!({ "readonly": { "enabled": true } });
        }
        if let Some(certificates) = &self.certificates {
            config["http"]["tls"] = json!({
                "certificate": certificates.file("server/server.crt"),
                "key": certificates.file("server/server.key"),
            });
            if self.wants_client_certificate {
                config["http"]["tls"]["clientcas"] = json!([certificates.file("trust/ca.crt")]);
            }
        }
        if let Some(auth) = self.auth(folder) {
            config["auth"] = auth;
        }
        let file = folder.join("config.yml");
        fs::write(&file, format!("{config:#}")).expect("a file can be written");
        file
    }

    fn auth(&self, folder: &Path) -> Option<Value> {
        if let Some(users) = &self.passwords {
            let path = folder.join("htpasswd");
            fs::write(&path, htpasswd(users)).expect("a file can be written");
            return Some(json!({ "htpasswd": { "realm": "docker-registry", "path": path } }));
        }
        let (realm, certificate) = self.token.as_ref()?;
        let path = folder.join("token.pem");
        fs::write(&path, certificate).expect("a file can be written");
        Some(json!({ "token": {
            "realm": realm,
            "service": crate::bed::token::SERVICE,
            "issuer": crate::bed::token::ISSUER,
            "rootcertbundle": path,
        }}))
    }
}

/// One line a user; docker-registry takes bcrypt only.
fn htpasswd(users: &Users) -> Vec<u8> {
    let program = tools::find("htpasswd", "apache2-utils");
    let line = |(user, password): (&String, &String)| {
        tools::run(Command::new(&program).arg("-Bbn").arg(user).arg(password)).expect("htpasswd hashes")
    };
    users.passwords().iter().flat_map(line).collect()
}
