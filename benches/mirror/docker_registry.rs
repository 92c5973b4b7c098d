//! A `docker-registry` of its own: on a free port, with an empty directory, gone when dropped.

use crate::access_log::Asked;
use crate::{Fallible, wire};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How long one may take to start, in tenths of a second.
const START_TENTHS_MAX: u32 = 100;

pub(crate) struct DockerRegistry {
    process: Child,
    directory: TempDir,
    port: u16,
    log: PathBuf,
}

impl DockerRegistry {
    pub(crate) async fn start(parent: &Path) -> Fallible<Self> {
        let directory = tempfile::Builder::new().prefix("crossdock-bench-").tempdir_in(parent)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: false}}}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: \"127.0.0.1:{port}\", secret: of-a-benchmark}}\n",
            directory.path().join("content").display()
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
        let started = Self { process, directory, port, log };
        let client = wire::client()?;
        for _ in 0..START_TENTHS_MAX {
            if client.get(format!("{}/v2/", started.base())).send().await.is_ok() {
                return Ok(started);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(format!("docker-registry does not start: {}", fs::read_to_string(&started.log)?).into())
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Scheme, host and port.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.host())
    }

    /// Where the log ends now.
    pub(crate) fn mark(&self) -> Fallible<usize> {
        // Lines are written when an answer has been sent: the last may still be on its way.
        std::thread::sleep(Duration::from_millis(50));
        Ok(fs::read(&self.log)?.len())
    }

    /// What was asked since then.
    pub(crate) fn asked_since(&self, mark: usize) -> Fallible<Asked> {
        self.mark()?;
        let log = fs::read(&self.log)?;
        Ok(Asked::read(&String::from_utf8_lossy(log.get(mark..).unwrap_or_default())))
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        // Its directory goes with it: nothing is to be saved.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
