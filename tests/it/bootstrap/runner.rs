//! A runner: a shell, the programs that it has, and where it keeps things.

use crate::bed::digest::sha256;
use crate::bed::program::{Finished, files_below};
use crate::bed::tools;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The shells, as they are called.
pub const SHELLS: [&[&str]; 3] = [&["dash"], &["bash", "--posix"], &["busybox", "sh"]];
/// Which Debian package has which.
const PACKAGES: [(&str, &str); 3] = [("dash", "dash"), ("bash", "bash"), ("busybox", "busybox-static")];
/// A program that tells its process and its arguments, and ends with 2.
pub const PROGRAM: &str = "#!/bin/sh\necho $$ \"$@\"\nexit 2\n";
/// What the script uses beside what downloads and hashes.
const TOOLS: [&str; 10] = ["chmod", "cut", "dirname", "mkdir", "mktemp", "mv", "rm", "sed", "sh", "uname"];

/// This machine, as assets are named after it.
fn machine() -> &'static str {
    if cfg!(target_arch = "aarch64") { "linux-arm64" } else { "linux-amd64" }
}

/// The path of the program among the releases.
pub fn asset() -> String {
    format!("/releases/v1.2.3/crossdock-{}", machine())
}

/// The pins of a release with this program.
pub fn pins(program: &str) -> String {
    let digest = sha256(program.as_bytes());
    let hex = digest.trim_start_matches("sha256:");
    let other = if machine() == "linux-amd64" { "linux-arm64" } else { "linux-amd64" };
    format!("# Pins.\nversion 1.2.3\nsha256 {other} {:064}\nsha256 {} {hex}\n", 0, machine())
}

/// A runner before the script starts.
pub struct Runner {
    shell: &'static [&'static str],
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Runner {
    /// A runner with this shell, and the script with these pins.
    pub fn new(shell: &'static [&'static str], pins: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for name in ["tool cache", "temp", "tmp", "the action"] {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("binary/bootstrap.sh");
        fs::copy(script, folder.path().join("the action/bootstrap.sh")).expect("the script is there");
        fs::write(folder.path().join("the action/pins"), pins).expect("the folder is ours");
        let runner = Self { shell, folder, variables: BTreeMap::new() };
        let place = |name: &str| runner.path(name).display().to_string();
        let variables = [
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("TMPDIR", place("tmp")),
            ("RUNNER_TOOL_CACHE", place("tool cache")),
            ("RUNNER_TEMP", place("temp")),
            ("GITHUB_OUTPUT", place("output")),
        ];
        variables.into_iter().fold(runner, |runner, (name, value)| runner.variable(name, &value))
    }

    /// Sets a variable.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Leaves it only these programs, and those that every system has.
    pub fn only(self, names: &[&str]) -> Self {
        let bin = self.path("bin");
        fs::create_dir(&bin).expect("a folder can be made");
        for name in TOOLS.iter().chain(names) {
            let package = if *name == "shasum" { "perl" } else { *name };
            std::os::unix::fs::symlink(tools::find(name, package), bin.join(name)).expect("linked");
        }
        self.variable("PATH", &bin.display().to_string())
    }

    /// A path below its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the program is, below the tool cache or the temporary directory.
    pub fn cached(&self) -> String {
        format!("crossdock/1.2.3/{}/crossdock", machine())
    }

    /// The files below one of its directories.
    pub fn files(&self, name: &str) -> Vec<String> {
        files_below(&self.path(name))
    }

    /// What was written to `$GITHUB_OUTPUT`.
    pub fn outputs(&self) -> String {
        fs::read_to_string(self.path("output")).unwrap_or_default()
    }

    /// Runs the script to its end; also the number of the process that was started.
    pub fn run(&self) -> (Finished, u32) {
        let (name, rest) = self.shell.split_first().expect("a shell has a name");
        let package = PACKAGES.iter().find(|(program, _)| program == name).expect("each is in the table").1;
        let mut command = Command::new(tools::find(name, package));
        command.args(rest).arg(self.path("the action/bootstrap.sh")).env_clear().envs(&self.variables);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        let child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it was found before");
        let pid = child.id();
        let output = child.wait_with_output().expect("the process is ours");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        (Finished { code: output.status.code(), signal: None, stdout, stderr }, pid)
    }
}
