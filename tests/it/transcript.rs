//! What a user saw of a run: the command line, the exit code and both outputs. For snapshots.

use crate::bed::program::{Finished, Normal, Program};

/// Runs the program, and shows what it said.
pub fn transcript(program: &Program, normal: &Normal, arguments: &[&str]) -> String {
    shown(&program.run(arguments), normal, arguments)
}

/// Shows what a program said that has ended.
pub fn shown(finished: &Finished, normal: &Normal, arguments: &[&str]) -> String {
    let Finished { code, signal, stdout, stderr } = finished;
    let end = match (code, signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, signal) => format!("ended by signal {signal:?}"),
    };
    let text = format!(
        "$ crossdock {}\n{end}\n--- stdout\n{stdout}--- stderr\n{}",
        arguments.join(" "),
        stderr.trim_end()
    );
    normal.of(&text)
}
