//! Tells the CI how a run ended: carries out what the room `ci` decided.

use super::place::Place;
use super::run::Ran;
use crate::ci::{
    Effect, Ended, FailOn, Files, Shown, Summary, Variables, effects, file_name, named, unseen_login,
};
use crate::cli::ending::write_whole;
use crate::cli::setting::Setting;
use crate::report::{Exit, Format};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::{Duration, timeout};

/// How long a program of the CI may take. It has nothing to do but to hand on what it reads.
const PROGRAM_TIME_MAX: Duration = Duration::from_secs(10);
/// Longest file for artifacts that is read, in bytes: GitHub takes no more than 1 MiB.
const ARTIFACTS_BYTES_MAX: u64 = 1 << 20;

/// Everything that decides how a run is told.
pub(super) struct Telling<'a> {
    pub(super) setting: &'a Setting,
    pub(super) variables: &'a Variables,
    pub(super) place: &'a Place,
    pub(super) fail_on: FailOn,
    pub(super) summary: Summary,
    pub(super) shown: Shown,
}

/// Whether the CI heard it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Yes,
    No,
}

impl Telling<'_> {
    /// Tells the CI, and says what the process ends with.
    pub(super) async fn tell(self, ran: Ran) -> Exit {
        let Self { setting, variables, place, fail_on, summary, shown } = self;
        let files = self.files(&ran);
        let Ran { run, exit, .. } = ran;
        let step = fail_on.step(run.command, exit);
        if let Some(words) = unseen_login(&run, variables) {
            setting.show(&format!("note: {words}"));
        }
        let size =
            |name: &str| variables.get(name).and_then(|path| fs::metadata(path).ok()).map(|file| file.len());
        let artifacts = variables.get("GITHUB_ARTIFACTS").map(read_artifacts).unwrap_or_default();
        let ended = Ended {
            run: &run,
            exit,
            step,
            ci: setting.ci.ci,
            variables,
            directory: place.directory.as_deref(),
            files: &files,
            below: &place.below(),
            summary,
            shown,
            summary_bytes: size("GITHUB_STEP_SUMMARY").unwrap_or(0),
            artifacts: &artifacts,
            random: fastrand::u64(..),
        };
        let mut step = step.exit();
        for effect in effects(&ended) {
            // After a signal there is no time for programs.
            if matches!(effect, Effect::Run { .. }) && run.cancelled.is_some() {
                continue;
            }
            if self.carry_out(effect).await == Heard::No && step == Exit::Ok {
                step = Exit::Failed;
            }
        }
        place.hand_over();
        step
    }

    /// The files that the pipeline is told of; the comment is written here.
    fn files(&self, ran: &Ran) -> Files {
        let name = |path: &Path| named(&super::absolute(path), self.variables);
        let comment = self.place.file(file_name(Format::Comment)).filter(|path| {
            self.place.wrote(path);
            write_whole(path, Format::Comment.render(&ran.run).as_bytes()).is_ok()
        });
        Files {
            directory: self.place.directory.as_deref().map(name),
            report: ran.report.as_deref().map(name),
            comment: comment.as_deref().map(name),
            plan: ran.plan.as_deref().map(name),
        }
    }

    async fn carry_out(&self, effect: Effect) -> Heard {
        let failed = |path: &Path, why: std::io::Error| {
            let hint = match why.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    ": as this user it cannot be; GitHub's containers run as root"
                }
                _ => "",
            };
            self.setting.complain(&format!("{} cannot be written: {why}{hint}", path.display()));
            Heard::No
        };
        match effect {
            Effect::Line(line) => {
                self.setting.screen.command(&line);
                Heard::Yes
            }
            Effect::Append { path, text } => {
                let file = OpenOptions::new().append(true).create(true).open(&path);
                match file.and_then(|mut file| file.write_all(text.as_bytes())) {
                    Ok(()) => Heard::Yes,
                    Err(why) => failed(&path, why),
                }
            }
            Effect::Write { path, text } => {
                self.place.wrote(&path);
                match write_whole(&path, text.as_bytes()) {
                    Ok(()) => Heard::Yes,
                    Err(why) => failed(&path, why),
                }
            }
            Effect::Run { program, arguments, input } => {
                if let Err(why) = run(program, &arguments, &input).await {
                    tracing::warn!("{program} was not told: {why}");
                }
                Heard::Yes
            }
        }
    }
}

fn read_artifacts(path: &str) -> String {
    let fits = fs::metadata(path).is_ok_and(|file| file.len() <= ARTIFACTS_BYTES_MAX);
    if fits { fs::read_to_string(path).unwrap_or_default() } else { String::new() }
}

/// Runs a program of the CI. What it says is not for our log.
async fn run(program: &str, arguments: &[String], input: &str) -> Result<(), String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = match command.spawn() {
        Ok(child) => child,
        // Not every image has it.
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            tracing::debug!(program, "not on the search path");
            return Ok(());
        }
        Err(why) => return Err(why.to_string()),
    };
    let told = async {
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read to the end says so when it ends.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        child.wait().await
    };
    match timeout(PROGRAM_TIME_MAX, told).await {
        Err(_) => Err(format!("it took more than {} seconds", PROGRAM_TIME_MAX.as_secs())),
        Ok(Err(why)) => Err(why.to_string()),
        Ok(Ok(ended)) if ended.success() => Ok(()),
        Ok(Ok(ended)) => Err(format!("it ended with {ended}")),
    }
}
