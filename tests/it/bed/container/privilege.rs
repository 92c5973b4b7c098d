//! Root, for what only root may do: namespaces, mounts, files of other users.

use crate::bed::tools;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Whether the test is not root itself.
pub(super) fn needs_sudo() -> bool {
    static NEEDS: OnceLock<bool> = OnceLock::new();
    *NEEDS.get_or_init(|| {
        let id = tools::run(Command::new("id").arg("-u")).expect("id is always there");
        String::from_utf8_lossy(&id).trim() != "0"
    })
}

/// A command as root.
///
/// Fails the test where there is no root to be had, or where root may make no namespaces.
pub fn privileged(program: &str) -> Command {
    static CAN: OnceLock<Result<(), String>> = OnceLock::new();
    if let Err(why) = CAN.get_or_init(can_unshare) {
        panic!(
            "containers cannot be tested here: run the tests as root, or with a sudo that asks nothing: {why}"
        );
    }
    as_root(program)
}

fn as_root(program: &str) -> Command {
    if !needs_sudo() {
        return Command::new(program);
    }
    let mut command = Command::new(tools::find("sudo", "sudo"));
    command.arg("-n").arg(program);
    command
}

fn can_unshare() -> Result<(), String> {
    let mut command = as_root("unshare");
    command.args(["--mount", "--pid", "--fork", "true"]).stdin(Stdio::null());
    tools::run(&mut command).map(drop)
}
