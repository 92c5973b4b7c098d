//! A `docker-registry` of its own: on a free port, with an empty directory, gone when dropped.

use super::asked::Asked;
use crate::{Fallible, wire};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// How often it is asked whether it has started, every [`START_PAUSE`].
const START_ATTEMPTS_MAX: u32 = 1000;
const START_PAUSE: Duration = Duration::from_millis(10);

/// How long a line of the log may take.
const LOG_PAUSE: Duration = Duration::from_millis(50);
/// Within its directory.
const CONTENT: &str = "content";

pub(crate) struct DockerRegistry {
    process: Child,
    directory: TempDir,
    port: u16,
    log: PathBuf,
    /// How much of the log has been told.
    told: AtomicUsize,
}

impl DockerRegistry {
    pub(crate) async fn start(parent: &Path) -> Fallible<Self> {
        Self::start_in(directory(parent)?).await
    }

    /// Starts one that has what another has, which nobody may be writing to.
    pub(crate) async fn start_on_copy(parent: &Path, other: &Self) -> Fallible<Self> {
        let directory = directory(parent)?;
        let content = other.directory.path().join(CONTENT);
        let copied = Command::new("cp").arg("-r").arg(content).arg(directory.path()).status()?;
        match copied.success() {
            true => Self::start_in(directory).await,
            false => Err("the content of a registry cannot be copied".into()),
        }
    }

    async fn start_in(directory: TempDir) -> Fallible<Self> {
        // Or it is there only after the first upload, and cannot be copied before.
        fs::create_dir_all(directory.path().join(CONTENT))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: false}}}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: \"127.0.0.1:{port}\", secret: of-a-benchmark}}\n",
            directory.path().join(CONTENT).display()
        );
        let config_file = directory.path().join("config.yml");
        fs::write(&config_file, config)?;
        let log = directory.path().join("log");
        let log_file = fs::File::create(&log)?;
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(config_file)
            .stdin(Stdio::null())
            .stderr(log_file.try_clone()?)
            .stdout(log_file)
            .spawn()?;
        let started = Self { process, directory, port, log, told: AtomicUsize::new(0) };
        let client = wire::client()?;
        for _ in 0..START_ATTEMPTS_MAX {
            if client.get(format!("{}/v2/", started.base())).send().await.is_ok() {
                return Ok(started);
            }
            tokio::time::sleep(START_PAUSE).await;
        }
        Err(format!("docker-registry does not start: {}", fs::read_to_string(&started.log)?).into())
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Scheme, host and port.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.host())
    }

    /// What was asked since this was last asked for.
    pub(crate) fn asked(&self) -> Fallible<Asked> {
        // Lines are written when an answer has been sent: the last may still be on its way.
        std::thread::sleep(LOG_PAUSE);
        let log = fs::read(&self.log)?;
        let told = self.told.swap(log.len(), Ordering::Relaxed);
        Ok(Asked::read(&String::from_utf8_lossy(log.get(told..).unwrap_or_default())))
    }
}

fn directory(parent: &Path) -> Fallible<TempDir> {
    Ok(tempfile::Builder::new().prefix("crossdock-bench-").tempdir_in(parent)?)
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        // Its directory goes with it: nothing is to be saved.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
