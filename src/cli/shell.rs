//! The container's entry point is this program, but some CIs start a shell in it, or something that only
//! waits, without asking for another entry point. Then this program makes way.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// What is made way for, by the first word: GitLab and Azure ask for shells, Jenkins for `cat`, runners of
/// GitHub in Kubernetes for `tail`. No command of ours is called so.
const PROGRAMS: [&str; 8] = ["sh", "/bin/sh", "bash", "/bin/bash", "cat", "/bin/cat", "tail", "/bin/tail"];
/// Where `bash` is not, `sh` does: what a CI says to it is in the language of both.
const ELSE: [(&str, &str); 2] = [("bash", "sh"), ("/bin/bash", "/bin/sh")];
/// What shells end with when there is no such program.
const NOT_FOUND: u8 = 127;

/// Becomes the program that the command line asks for, if it is one of those that CIs start.
///
/// Comes back with an exit code when there is none, as in an image without a shell, and with nothing
/// when the command line is ours.
pub fn make_way(arguments: impl IntoIterator<Item = OsString>) -> Option<u8> {
    let mut arguments = arguments.into_iter().skip(1);
    let name = arguments.next()?.into_string().ok().filter(|name| PROGRAMS.contains(&name.as_str()))?;
    let rest: Vec<OsString> = arguments.collect();
    let become_it = |name: &str| Command::new(name).args(&rest).exec();
    let mut why = become_it(&name);
    if why.kind() == std::io::ErrorKind::NotFound
        && let Some((_, other)) = ELSE.iter().find(|(missing, _)| *missing == name)
    {
        why = become_it(other);
    }
    let _ = writeln!(
        std::io::stderr(),
        "error: {name} cannot be started: {why}; the image whose tag ends in -bare has no shell"
    );
    Some(NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_stays_ours() {
        let ours = |words: &[&str]| make_way(words.iter().map(OsString::from));
        assert_eq!(ours(&["crossdock"]), None);
        assert_eq!(ours(&["crossdock", "sync", "sh"]), None);
        assert_eq!(ours(&["sh", "ci"]), None);
        assert_eq!(ours(&["crossdock", "--color", "cat"]), None);
    }
}
