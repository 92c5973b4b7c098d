//! The outputs of a run: what later parts of a pipeline are told, by name. How they are written is up
//! to the CI.

use crate::outcome::Outcome;
use crate::plan::{Drift, Entry, TargetEntry};
use crate::report::{Counts, Exit, Run, Subject, Verdict, result};
use std::collections::BTreeSet;

/// One output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// How long it can be.
    pub(super) size: Size,
}

/// How long the value of an output can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// A word or a number.
    Short,
    /// Up to [`VALUE_BYTES_MAX`], perhaps with several lines.
    Long,
}

/// Longest value of one output, in bytes: GitHub takes 1 MiB for all outputs of a job.
pub(super) const VALUE_BYTES_MAX: usize = 256 << 10;

const fn output(name: &'static str, size: Size, meaning: &'static str) -> Output {
    Output { name, meaning, size }
}

/// Every output, in the order in which they are written.
pub const OUTPUTS: [Output; 14] = [
    output(
        "result",
        Size::Short,
        "ok, changed, drift, partial, failed, invalid, denied, refused, deferred or cancelled",
    ),
    output("exit-code", Size::Short, "The exit code of the command, also where fail-on hides it"),
    output("changed", Size::Short, "true when something was written, or would be by a plan; else false"),
    output("drift", Size::Short, "true when a target differed from what it shall be; else false"),
    output(
        "counts",
        Size::Short,
        "JSON: how many target tags were created, updated, current, refused, deferred, failed and pending, and how many source tags filters dropped",
    ),
    output(
        "digests",
        Size::Long,
        "JSON: each target reference that is as it shall be, with its digest; cut to 256 KiB",
    ),
    output("digests-truncated", Size::Short, "true when digests or images was cut: report-json has all"),
    output("images", Size::Long, "The images that changed, repository@digest, one a line; cut to 256 KiB"),
    output("digest", Size::Short, "The digest, when the run was about exactly one image"),
    output("report-dir", Size::Short, "The directory with the report files"),
    output("report-json", Size::Short, "The report as JSON"),
    output("comment-file", Size::Short, "Markdown for a comment or an issue, at most 60,000 characters"),
    output("plan-file", Size::Short, "The plan, where one was saved"),
    output("version", Size::Short, "The version of crossdock"),
];

/// The files that a run left, as later parts of the pipeline see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// The directory with the reports.
    pub directory: Option<String>,
    /// The report as JSON.
    pub report: Option<String>,
    /// The comment.
    pub comment: Option<String>,
    /// The plan.
    pub plan: Option<String>,
}

/// The outputs of a run with their values, in the order of [`OUTPUTS`]. What does not apply is empty.
///
/// `exit` is how the command ended: a report that could not be written shows only there.
pub fn outputs(run: &Run, exit: Exit, files: &Files) -> Vec<(Output, String)> {
    let told = Told::of(run);
    let file = |file: &Option<String>| file.clone().unwrap_or_default();
    let value = |output: &Output| match output.name {
        "result" => word(run, exit).to_owned(),
        "exit-code" => exit.code().to_string(),
        "changed" => told.changed.to_string(),
        "drift" => told.drift.to_string(),
        "counts" => counts(run),
        "digests" => told.digests.clone(),
        "digests-truncated" => told.truncated.to_string(),
        "images" => told.images.clone(),
        "digest" => told.digest.clone(),
        "report-dir" => file(&files.directory),
        "report-json" => file(&files.report),
        "comment-file" => file(&files.comment),
        "plan-file" => file(&files.plan),
        _ => run.tool_version.clone(),
    };
    OUTPUTS.iter().map(|output| (*output, value(output))).collect()
}

/// How a command ended, in one word.
pub(super) fn word(run: &Run, exit: Exit) -> &'static str {
    match exit {
        Exit::Failed => "failed",
        _ => result(run).as_str(),
    }
}

fn counts(run: &Run) -> String {
    let Counts { created, updated, current, refused, deferred, failed, pending, dropped } = Counts::of(run);
    serde_json::json!({
        "created": created, "updated": updated, "current": current, "refused": refused,
        "deferred": deferred, "failed": failed, "pending": pending, "dropped": dropped,
    })
    .to_string()
}

/// What is told of the target tags of a run.
#[derive(Default)]
struct Told {
    changed: bool,
    drift: bool,
    digests: String,
    images: String,
    truncated: bool,
    digest: String,
}

impl Told {
    fn of(run: &Run) -> Self {
        let mut told = Self { digests: "{".to_owned(), ..Self::default() };
        let (mut handled, mut known) = (BTreeSet::new(), BTreeSet::new());
        for judged in run.verdicts() {
            let Subject::Target { entry, target, outcome, .. } = judged.subject else {
                handled.insert(None);
                continue;
            };
            told.drift |= !matches!(target.drift, Drift::Current { .. });
            let after = digest_after(target, outcome);
            handled.insert(after.clone().or_else(|| pinned(entry)));
            let is_new = matches!(judged.verdict, Verdict::Created | Verdict::Updated);
            told.changed |= is_new || judged.verdict == Verdict::Pending;
            if let Some(digest) = after
                && (is_new || judged.verdict == Verdict::Current)
            {
                told.add_digest(&target.reference.to_string(), &digest);
                let image = format!("{}@{digest}", target.reference.repository);
                if is_new && known.insert(image.clone()) {
                    told.add_image(&image);
                }
            }
        }
        told.digests.push('}');
        let mut handled = handled.into_iter();
        if let (Some(Some(digest)), None) = (handled.next(), handled.next()) {
            told.digest = digest;
        }
        told
    }

    fn add_digest(&mut self, reference: &str, digest: &str) {
        let comma = if self.digests.len() > 1 { "," } else { "" };
        let pair = format!("{comma}{}:\"{digest}\"", serde_json::Value::from(reference));
        // One more byte, for the brace at the end.
        match self.digests.len() + pair.len() < VALUE_BYTES_MAX {
            true => self.digests.push_str(&pair),
            false => self.truncated = true,
        }
    }

    fn add_image(&mut self, image: &str) {
        let line = if self.images.is_empty() { image.to_owned() } else { format!("\n{image}") };
        match self.images.len() + line.len() <= VALUE_BYTES_MAX {
            true => self.images.push_str(&line),
            false => self.truncated = true,
        }
    }
}

/// What the target tag names now, as far as that is known.
pub(super) fn digest_after(target: &TargetEntry, outcome: Option<&Outcome>) -> Option<String> {
    let after = outcome.and_then(|outcome| outcome.digest_after.as_ref());
    let found = match &target.drift {
        Drift::Current { found } => found.as_ref(),
        Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. } | Drift::Refused { .. } => None,
    };
    after.or(found).map(ToString::to_string)
}

fn pinned(entry: &Entry) -> Option<String> {
    entry.pin.as_ref().map(|pin| pin.digest.to_string())
}
