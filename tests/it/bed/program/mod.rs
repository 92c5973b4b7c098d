//! Runs the built `crossdock` program in an empty folder with an empty environment.

mod normal;
mod running;

pub use normal::Normal;
pub use running::{Finished, Running, Victim, signal};

use super::tools;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Variables of the test's own environment that the program gets: coverage needs the second.
const KEPT: [&str; 2] = ["PATH", "LLVM_PROFILE_FILE"];

/// The program, a folder of its own, and what it shall find in its environment.
///
/// The environment is empty but for `PATH`, `HOME` and `TMPDIR`, so that no CI, no proxy and no
/// credentials of the machine reach it.
pub struct Program {
    program: PathBuf,
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Default for Program {
    fn default() -> Self {
        Self::new()
    }
}

impl Program {
    /// Crossdock in an empty folder.
    pub fn new() -> Self {
        Self::of(env!("CARGO_BIN_EXE_crossdock"))
    }

    /// Another program under the same conditions.
    pub fn of(program: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for name in ["work", "home", "tmp"] {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        Self { program: program.into(), folder, variables: BTreeMap::new() }
    }

    /// Sets a variable of the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The working directory.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The home directory.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file below the working directory, with the folders that it needs.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        write(&self.work().join(name), text)
    }

    /// Writes a file below the home directory, with the folders that it needs.
    pub fn write_home(&self, name: &str, text: &str) -> PathBuf {
        write(&self.home().join(name), text)
    }

    /// Reads a file below the working directory.
    pub fn read(&self, name: &str) -> String {
        let path = self.work().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Every file below the working, home and temporary directories, sorted: what a run left behind.
    pub fn files(&self) -> Vec<String> {
        files_below(self.folder.path())
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.spawn(arguments).wait()
    }

    /// Starts the program.
    pub fn spawn(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(&self.program);
        Running::start(self.prepare(command.args(arguments)))
    }

    /// Runs the program to its end; also the most memory that it had, in KiB (Linux).
    pub fn run_measured(&self, arguments: &[&str]) -> (Finished, u64) {
        let figure = self.folder.path().join("peak-kib");
        let mut command = Command::new(tools::find("time", "time"));
        command.arg("--quiet").arg("--format=%M").arg("--output").arg(&figure);
        command.arg(&self.program).args(arguments);
        let finished = Running::start(self.prepare(&mut command)).wait();
        let text = fs::read_to_string(&figure).expect("time writes its figure");
        fs::remove_file(&figure).expect("the file is ours");
        let kib = text.trim().parse().unwrap_or_else(|_| panic!("`{text}` is not a number of KiB"));
        (finished, kib)
    }

    /// Takes from a text what differs between two runs.
    pub fn normal(&self) -> Normal {
        Normal::new(self.folder.path())
    }

    fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env_clear().current_dir(self.work());
        let kept = KEPT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.envs(kept).env("HOME", self.home()).env("TMPDIR", self.folder.path().join("tmp"));
        command.envs(&self.variables);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped())
    }
}

/// Every file below a folder, sorted, by its path from there.
pub fn files_below(top: &Path) -> Vec<String> {
    let (mut files, mut open) = (Vec::new(), vec![top.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is ours").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path.strip_prefix(top).expect("it is below").display().to_string());
            }
        }
    }
    files.sort();
    files
}

fn write(path: &Path, text: &str) -> PathBuf {
    let parent = path.parent().expect("a file has a folder");
    fs::create_dir_all(parent).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
    path.to_owned()
}
