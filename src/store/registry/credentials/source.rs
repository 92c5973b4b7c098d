//! Where docker, podman and CI systems keep credentials, and in which order they are asked.

use super::Environment;
use super::auth_file::AuthFile;
use secrecy::{ExposeSecret, SecretString};
use std::io::ErrorKind;
use std::path::PathBuf;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// One place that may have credentials.
pub(super) struct Source {
    /// How people know it.
    pub(super) name: String,
    place: Place,
}

enum Place {
    /// A file that may be missing.
    File(PathBuf),
    /// A file that somebody named, so that it must be there.
    NamedFile(PathBuf),
    /// The text itself.
    Text(Option<SecretString>),
}

/// The largest file with credentials, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The places, first asked first:
///
/// 1. `REGISTRY_AUTH_FILE`, the file that somebody chose for this run (podman, skopeo);
/// 2. `DOCKER_AUTH_CONFIG`, the text of such a file (GitLab, and docker since 28.3, which puts it
///    before its file as well);
/// 3. docker's file, which login steps in CI write;
/// 4. podman's files, which docker does not know: where both have an entry, docker's is the one
///    that somebody made for this machine's builds. crane asks in this order, skopeo the other way.
///
/// Unlike in skopeo, a file named by `REGISTRY_AUTH_FILE` does not hide the others: a mirror has
/// two ends, and often one login each.
pub(super) fn sources(environment: &Environment) -> Vec<Source> {
    let mut sources = Vec::new();
    if let Some(path) = environment.path("REGISTRY_AUTH_FILE") {
        sources.push(Source {
            name: format!("$REGISTRY_AUTH_FILE ({})", environment.short(&path)),
            place: Place::NamedFile(path),
        });
    }
    if let Some(text) = environment.get("DOCKER_AUTH_CONFIG") {
        let text = text.to_str().map(SecretString::from);
        sources.push(Source { name: "$DOCKER_AUTH_CONFIG".to_owned(), place: Place::Text(text) });
    }
    let under_home = |path: &str| environment.home().map(|home| home.join(path));
    let docker = environment.path("DOCKER_CONFIG").or_else(|| under_home(".docker"));
    let runtime = environment.path("XDG_RUNTIME_DIR");
    let config = environment.path("XDG_CONFIG_HOME").or_else(|| under_home(".config"));
    let files = [
        docker.map(|directory| directory.join("config.json")),
        runtime.map(|directory| directory.join("containers/auth.json")),
        config.map(|directory| directory.join("containers/auth.json")),
    ];
    sources.extend(
        files
            .into_iter()
            .flatten()
            .map(|path| Source { name: environment.short(&path), place: Place::File(path) }),
    );
    sources
}

impl Source {
    /// What it holds; none when it is not there. The error completes the phrase "NAME …".
    pub(super) async fn read(&self) -> Result<Option<AuthFile>, String> {
        let bytes = match &self.place {
            Place::Text(None) => return Err("is not UTF-8".to_owned()),
            Place::Text(Some(text)) => return AuthFile::parse(text.expose_secret().as_bytes()).map(Some),
            Place::File(path) | Place::NamedFile(path) => bytes_of(path).await,
        };
        match (bytes, &self.place) {
            (Ok(bytes), _) if bytes.len() as u64 > FILE_BYTES_MAX => {
                Err(format!("is larger than {FILE_BYTES_MAX} bytes"))
            }
            (Ok(bytes), _) => AuthFile::parse(&bytes).map(Some),
            (Err(error), Place::File(_)) if is_absence(error.kind()) => Ok(None),
            (Err(error), _) if is_absence(error.kind()) => Err("does not exist".to_owned()),
            (Err(error), _) => Err(format!("cannot be read: {}", error.kind())),
        }
    }
}

fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

async fn bytes_of(path: &PathBuf) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).await?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}
