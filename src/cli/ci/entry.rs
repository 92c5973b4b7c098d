//! What surrounds `crossdock ci`: a command line that is empty because everything is in the environment,
//! and the last words of a run that never came to its end.

use crate::ci::{Effect, Ended, FailOn, Files, Shown, Summary, Variables, detect, effects};
use crate::report::{Command, Exit, Problem, Run};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use time::OffsetDateTime;

/// The name of the command.
const NAME: &str = "ci";
/// With what the variables of a plug-in begin.
const PLUGIN: &str = "PLUGIN_";

/// The command line to go by: without any argument, a plug-in of Woodpecker or Drone runs `ci`.
pub fn arguments(given: impl IntoIterator<Item = OsString>, variables: &Variables) -> Vec<OsString> {
    let mut given: Vec<OsString> = given.into_iter().collect();
    if given.len() == 1 && variables.names().any(|name| name.starts_with(PLUGIN)) {
        given.push(NAME.into());
    }
    given
}

/// Whether the command is `ci`: the first word that is no flag.
fn is_ci(arguments: &[OsString]) -> bool {
    let word = arguments.iter().skip(1).find(|argument| !argument.to_string_lossy().starts_with('-'));
    word.is_some_and(|word| word == NAME)
}

/// Tells the CI of a run that could not begin, or that ended in a mistake of ours: outputs that say so,
/// and the reason beside the log. For any other command, nothing.
pub fn last_words(
    arguments: &[OsString],
    variables: &Variables,
    started_at: OffsetDateTime,
    exit: Exit,
    why: &str,
) {
    if !is_ci(arguments) {
        return;
    }
    let run = run(started_at, why);
    let ended = Ended {
        run: &run,
        exit,
        step: FailOn::Error.step(run.command, exit),
        ci: detect(variables).ci,
        variables,
        directory: None,
        files: &Files::default(),
        below: "",
        summary: Summary::Never,
        shown: Shown::Auto,
        summary_bytes: 0,
        artifacts: "",
        random: fastrand::u64(..),
    };
    for effect in effects(&ended) {
        // There is nobody left to tell that this goes wrong.
        match effect {
            Effect::Line(line) => {
                let _ = writeln!(std::io::stdout(), "{line}");
            }
            Effect::Append { path, text } => {
                let file = OpenOptions::new().append(true).create(true).open(path);
                let _ = file.and_then(|mut file| file.write_all(text.as_bytes()));
            }
            Effect::Write { path, text } => {
                let _ = std::fs::write(path, text);
            }
            Effect::Run { .. } => (),
        }
    }
}

/// A run of which nothing is known but why it came to nothing.
fn run(started_at: OffsetDateTime, why: &str) -> Run {
    Run {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        id: String::new(),
        command: Command::Sync,
        started_at,
        finished_at: started_at,
        cancelled: None,
        deadline_hit: false,
        ci: None,
        spec: None,
        entries: Vec::new(),
        unresolved: Vec::new(),
        dropped: Vec::new(),
        registries: Vec::new(),
        requests: BTreeMap::new(),
        problems: vec![Problem::usage(why)],
        cost: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn a_plug_in_without_arguments_runs_ci() {
        let variables = |name: &str| Variables::of([(name.into(), "x".into())]);
        assert_eq!(arguments(given(&["crossdock"]), &variables("PLUGIN_SPEC")), given(&["crossdock", "ci"]));
        assert_eq!(arguments(given(&["crossdock"]), &variables("SPEC")), given(&["crossdock"]));
        let lint = given(&["crossdock", "lint"]);
        assert_eq!(arguments(lint.clone(), &variables("PLUGIN_SPEC")), lint);
    }

    #[test]
    fn a_run_that_ends_in_a_mistake_of_ours_has_outputs() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("output");
        let variables = [("GITHUB_ACTIONS", "true".into()), ("GITHUB_OUTPUT", path.clone().into_os_string())];
        let variables = Variables::of(variables.map(|(name, value)| (name.into(), value)));
        let tell = |words: &[&str]| {
            last_words(&given(words), &variables, OffsetDateTime::UNIX_EPOCH, Exit::Failed, "a panic");
        };
        tell(&["crossdock", "sync"]);
        assert!(!path.exists());
        tell(&["crossdock", "ci"]);
        let text = std::fs::read_to_string(&path).expect("outputs");
        assert!(text.starts_with("result<<ghadelimiter_") && text.contains("\nfailed\n"), "{text}");
    }

    #[test]
    fn only_ci_has_last_words() {
        assert!(is_ci(&given(&["crossdock", "ci", "--bogus"])));
        assert!(is_ci(&given(&["crossdock", "-v", "ci"])));
        assert!(!is_ci(&given(&["crossdock", "copy", "ci", "a.test/b"])));
        assert!(!is_ci(&given(&["crossdock"])));
    }
}
