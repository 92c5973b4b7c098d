//! Runs programs that know credentials. Never through a shell, never without end: one that does not come
//! to it is killed with all that it started.

use super::Environment;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::ErrorKind;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

/// The longest that a program may run.
pub(super) const TIME_MAX: Duration = Duration::from_secs(30);
/// The most that a program may print, in bytes.
pub(super) const OUTPUT_BYTES_MAX: u64 = 64 * 1024;

/// Why a program did not come to its end. Holds nothing that it printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProgramError {
    /// It could not be started, or spoken to.
    Start(ErrorKind),
    /// It did not come to an end in time.
    TimedOut,
    /// It printed more than [`OUTPUT_BYTES_MAX`].
    TooMuch,
}

/// Runs `program` in `environment` for at most `time_max`, with `input` on its standard input, and
/// gives what it printed.
///
/// The program gets the environment that we were given and nothing else; what it writes to standard
/// error is thrown away, because nothing says that it has no secrets in it.
pub(super) async fn run(
    program: &Path,
    arguments: &[&str],
    input: &str,
    environment: &Environment,
    time_max: Duration,
) -> Result<(ExitStatus, Vec<u8>), ProgramError> {
    let running = to_its_end(program, arguments, input, environment);
    timeout(time_max, running).await.unwrap_or(Err(ProgramError::TimedOut))
}

/// A program and what it started, which has its group of processes to itself. Dropped before
/// [`Group::is_done`], this kills all of it.
struct Group(Option<Pid>);

impl Group {
    /// The group that a process leads.
    fn of(process: Option<u32>) -> Self {
        Self(process.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)))
    }

    /// The program came to its end by itself: what it left running is meant to run.
    fn is_done(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // Whoever ended meanwhile need not be killed.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Dropped before the end, this kills the program and what it started.
async fn to_its_end(
    program: &Path,
    arguments: &[&str],
    input: &str,
    environment: &Environment,
) -> Result<(ExitStatus, Vec<u8>), ProgramError> {
    let start = |error: std::io::Error| ProgramError::Start(error.kind());
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(environment.all())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .process_group(0)
        .spawn()
        .map_err(start)?;
    let mut group = Group::of(child.id());
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let mut output = Vec::new();
    let tell = async {
        if let Some(mut stdin) = stdin {
            // A program that answers without reading closes the pipe: that is its business.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let listen = async {
        match stdout {
            Some(stdout) => stdout.take(OUTPUT_BYTES_MAX + 1).read_to_end(&mut output).await,
            None => Ok(0),
        }
    };
    let ((), heard) = tokio::join!(tell, listen);
    heard.map_err(start)?;
    if output.len() as u64 > OUTPUT_BYTES_MAX {
        return Err(ProgramError::TooMuch);
    }
    let status = child.wait().await.map_err(start)?;
    group.is_done();
    Ok((status, output))
}
