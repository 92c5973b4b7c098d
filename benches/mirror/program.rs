//! Running one program and measuring it from outside, by `/usr/bin/time`.

use crate::Fallible;
use crate::arguments::Arguments;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;

/// What measuring needs: the program, and a place that is gone afterwards.
pub(crate) struct Bench {
    pub(crate) crossdock: PathBuf,
    /// Where registries keep their content.
    pub(crate) content: PathBuf,
    /// Specs, plans, and an empty home.
    pub(crate) place: TempDir,
}

/// What one run of a program took.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Took {
    pub(crate) wall_ms: f64,
    /// User and system time of all its threads, to 10 ms.
    pub(crate) cpu_ms: f64,
    /// The part of it that the system took.
    pub(crate) system_ms: f64,
    /// The most memory that it had, in KiB.
    pub(crate) peak_rss_kib: u64,
}

impl Bench {
    pub(crate) fn new(arguments: &Arguments, crossdock: PathBuf) -> Fallible<Self> {
        let memory = Path::new("/dev/shm");
        let content = match &arguments.dir {
            Some(dir) => dir.clone(),
            None if has_room(memory) => memory.to_owned(),
            None => std::env::temp_dir(),
        };
        Ok(Self { crossdock, content, place: tempfile::tempdir()? })
    }

    /// Writes a file that a program is to read.
    pub(crate) fn file(&self, name: &str, text: &str) -> Fallible<PathBuf> {
        let path = self.place.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// The program with these arguments and an empty environment.
    pub(crate) fn crossdock<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Fallible<Command> {
        self.program(&self.crossdock, arguments)
    }

    /// Some build of the program with these arguments and an empty environment.
    pub(crate) fn program<'a>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Fallible<Command> {
        let program = program.to_str().ok_or("the path of the program is not UTF-8")?;
        let mut command = self.timed(program);
        command.args(["--progress", "none"]).args(arguments);
        Ok(command)
    }

    /// This program, as one of the contestants.
    pub(crate) fn timed_self(&self) -> Fallible<Command> {
        Ok(self.timed(std::env::current_exe()?.to_str().ok_or("not UTF-8")?))
    }

    /// `program` under `/usr/bin/time`; its arguments are still to come.
    pub(crate) fn timed(&self, program: &str) -> Command {
        let mut command = Command::new("/usr/bin/time");
        command
            .args(["-q", "-f", "%U %S %M", "-o"])
            .arg(self.place.path().join("time"))
            .arg(program)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.place.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs what [`Bench::timed`] made, which must end with 0.
    pub(crate) async fn run(&self, mut command: Command) -> Fallible<Took> {
        let started = Instant::now();
        // The runtime of this program may be serving the one that is measured.
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let wall_ms = started.elapsed().as_secs_f64() * 1000.0;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let result = String::from_utf8_lossy(&output.stdout);
            return Err(format!("a program ended with {}:\n{said}\n{result}", output.status).into());
        }
        let took = std::fs::read_to_string(self.place.path().join("time"))?;
        let numbers: Vec<f64> = took.split_whitespace().flat_map(str::parse).collect();
        match numbers[..] {
            [user, system, rss] => Ok(Took {
                wall_ms,
                cpu_ms: (user + system) * 1000.0,
                system_ms: system * 1000.0,
                peak_rss_kib: rss as u64,
            }),
            _ => Err(format!("/usr/bin/time said {took:?}").into()),
        }
    }
}

/// Whether a file system in memory holds two registries and what is uploaded twice.
fn has_room(directory: &Path) -> bool {
    const KIB_NEEDED: u64 = 6 << 20;
    let said = Command::new("df").args(["--output=avail", "-k"]).arg(directory).output();
    let free = said
        .ok()
        .and_then(|said| String::from_utf8(said.stdout).ok()?.lines().nth(1)?.trim().parse::<u64>().ok());
    free.is_some_and(|free| free >= KIB_NEEDED)
}
