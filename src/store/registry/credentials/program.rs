//! Runs programs that know credentials. Never through a shell, never without end.

use super::Environment;
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

/// Dropped before the end, this kills the program.
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
        .spawn()
        .map_err(start)?;
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
    Ok((status, output))
}
