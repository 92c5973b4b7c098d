//! A certificate authority, and what it signed: for registries over TLS and for their clients.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Certificates and keys in PEM files, thrown away when dropped.
///
/// `server/server.crt` and `server.key` are for 127.0.0.1 and localhost. `trust/ca.crt` is what a
/// client trusts. `client/` has `ca.crt`, `client.cert` and `client.key`: what a client needs that
/// has to show who it is, in the names that docker and skopeo want.
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// Makes an authority and lets it sign.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let key = KeyPair::generate().expect("a key can be made");
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "the authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let own = authority.self_signed(&key).expect("an authority signs itself");
        let issuer = Issuer::new(authority, key);
        let made = Self { folder };
        made.write("trust/ca.crt", &own.pem());
        made.write("client/ca.crt", &own.pem());
        let (server, server_key) = signed(&issuer, "the server", ExtendedKeyUsagePurpose::ServerAuth);
        made.write("server/server.crt", &server);
        made.write("server/server.key", &server_key);
        let (client, client_key) = signed(&issuer, "the client", ExtendedKeyUsagePurpose::ClientAuth);
        made.write("client/client.cert", &client);
        made.write("client/client.key", &client_key);
        made
    }

    /// A file, such as `server/server.key`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder for a client that shows nothing: `ca.crt` only.
    pub fn trust(&self) -> PathBuf {
        self.file("trust")
    }

    /// The folder for a client that shows its certificate.
    pub fn client(&self) -> PathBuf {
        self.file("client")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
}

fn params(name: &str) -> CertificateParams {
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let mut params = CertificateParams::new(names).expect("the names are good");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// A certificate and its key, PEM.
fn signed(issuer: &Issuer<'_, KeyPair>, name: &str, usage: ExtendedKeyUsagePurpose) -> (String, String) {
    let key = KeyPair::generate().expect("a key can be made");
    let mut params = params(name);
    params.use_authority_key_identifier_extension = true;
    params.insert_extended_key_usage(usage);
    let certificate = params.signed_by(&key, issuer).expect("the authority signs");
    (certificate.pem(), key.serialize_pem())
}
