//! The programs of other people that the bed needs. A missing one fails the test and says what to
//! install; it never skips the test.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The full path of a program, which Debian has in `package`.
pub fn find(program: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside_root = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let mut folders = std::env::split_paths(&path).chain(beside_root);
    let found = folders.find_map(|folder| Some(folder.join(program)).filter(|file| file.is_file()));
    match found {
        Some(file) => file,
        None => panic!("{program} is missing: apt-get install {package}"),
    }
}

/// Runs a command to its end; an error holds what it wrote to stderr.
pub fn run(command: &mut Command) -> Result<Vec<u8>, String> {
    let Output { status, stdout, stderr } = command.output().expect("the program was found before");
    if status.success() {
        return Ok(stdout);
    }
    let program = command.get_program().to_string_lossy();
    Err(format!("{program} ended with {status}: {}", String::from_utf8_lossy(&stderr)))
}
