//! Debian's `docker-registry`: the real thing, on a free port, with its own folder and our config.
//!
//! Never the system's service. Each instance is killed by its process id when it is dropped.

mod access_log;
mod config;

pub use access_log::Served;

use super::certificates::Certificates;
use super::grants::Users;
use super::token::TokenAuthority;
use super::tools;
use access_log::AccessLog;
use config::Config;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a registry has to listen after it was started.
const START_MAX: Duration = Duration::from_secs(20);
/// How often a port is tried that somebody else takes between finding and using it.
const PORTS_MAX: usize = 5;

/// A running `docker-registry`.
pub struct Distribution {
    child: Child,
    host: String,
    config: Config,
    folder: TempDir,
    log: AccessLog,
}

impl Distribution {
    /// Plain HTTP, open to everybody.
    pub fn plain() -> Self {
        Self::start(Config::default())
    }

    /// The same, and it remembers which blobs it has: what it loses, HEAD goes on to show.
    pub fn cached() -> Self {
        Self::start(Config { is_cached: true, ..Config::default() })
    }

    /// Plain HTTP, and what it lacks it fetches from the registry at `url`.
    pub fn pulling_through(url: &str) -> Self {
        Self::start(Config { pulls_through: Some(url.to_owned()), ..Config::default() })
    }

    /// TLS, and a password of one of these users for everything.
    pub fn with_passwords(users: &Users) -> Self {
        Self::start(Config { passwords: Some(users.clone()), ..Config::with_tls() })
    }

    /// Plain HTTP, and tokens from this server.
    pub fn with_tokens(authority: &TokenAuthority) -> Self {
        let token = (authority.realm(), authority.certificate().to_owned());
        Self::start(Config { token: Some(token), ..Config::default() })
    }

    /// TLS, and nobody without a client certificate.
    pub fn with_client_certificates() -> Self {
        Self::start(Config { wants_client_certificate: true, ..Config::with_tls() })
    }

    /// Serves the same content on the same port, but refuses every write with 405.
    pub fn into_read_only(mut self) -> Self {
        self.config.is_read_only = true;
        self.restart();
        self
    }

    /// Kills it and starts it on the same port with the same content. Open uploads survive.
    pub fn restart(&mut self) {
        stop(&mut self.child);
        let launched = launch(&self.config, self.folder.path(), &self.host);
        self.child = launched.unwrap_or_else(|| panic!("docker-registry did not start:\n{}", self.words()));
    }

    /// `127.0.0.1:port`, as it stands in a reference.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The certificates, where it speaks TLS.
    pub fn certificates(&self) -> &Certificates {
        self.config.certificates.as_ref().expect("this registry speaks TLS")
    }

    /// Every request that it answered, in the order of the answers.
    pub fn requests(&self) -> Vec<Served> {
        self.log.read()
    }

    /// Forgets every request so far.
    pub fn clear_requests(&mut self) {
        self.log.clear();
    }

    /// The folder of its storage.
    pub fn storage(&self) -> std::path::PathBuf {
        self.folder.path().join("storage")
    }

    /// Takes the bytes of a blob away behind its back.
    pub fn lose_blob(&self, digest: &str) {
        let hex = digest.trim_start_matches("sha256:");
        let data = format!("docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]);
        fs::remove_file(self.storage().join(data)).expect("the blob is there");
    }

    /// What it said on stderr.
    pub fn words(&self) -> String {
        words(self.folder.path())
    }

    fn start(config: Config) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (child, host) = (0..PORTS_MAX)
            .find_map(|_| launch_on_free_port(&config, folder.path()))
            .unwrap_or_else(|| panic!("docker-registry did not start:\n{}", words(folder.path())));
        let log = AccessLog::new(folder.path().join("access.log"));
        Self { child, host, config, folder, log }
    }
}

impl Drop for Distribution {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

fn launch_on_free_port(config: &Config, folder: &Path) -> Option<(Child, String)> {
    let host = format!("127.0.0.1:{}", port());
    Some((launch(config, folder, &host)?, host))
}

/// A port that is free now, and that neither a client nor a server that asks for any port is given
/// before docker-registry takes it: below the range that Linux gives away.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const PORTS: std::ops::Range<u16> = 12_000..32_000;
    let places = u32::from(PORTS.end - PORTS.start);
    loop {
        // Another process of tests begins elsewhere.
        let turn = u32::from(NEXT.fetch_add(1, Ordering::SeqCst));
        let place = std::process::id().wrapping_mul(61).wrapping_add(turn) % places;
        let port = PORTS.start + u16::try_from(place).expect("it is below the number of places");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Starts it and waits until it listens; none when it ended instead.
fn launch(config: &Config, folder: &Path, host: &str) -> Option<Child> {
    let file = config.write(folder, host);
    let said_before = words(folder).len();
    let open = |name: &str| {
        File::options().create(true).append(true).open(folder.join(name)).expect("a file can be written")
    };
    let mut child = Command::new(tools::find("docker-registry", "docker-registry"))
        .arg("serve")
        .arg(file)
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(open("access.log"))
        .stderr(open("words.log"))
        .spawn()
        .expect("docker-registry was found before");
    let started = Instant::now();
    while started.elapsed() < START_MAX {
        if child.try_wait().expect("the process is ours").is_some() {
            return None;
        }
        // That somebody answers on the port would prove little: it must be this process.
        if words(folder)[said_before..].contains("listening on ") {
            return Some(child);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    stop(&mut child);
    None
}

fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn words(folder: &Path) -> String {
    fs::read_to_string(folder.join("words.log")).unwrap_or_default()
}
