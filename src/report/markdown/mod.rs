//! The end of a run as Markdown: a summary for the page of a CI, and a comment for a pull request.
//!
//! What went wrong comes first, then what changed; what is as it should be is folded.

mod document;
mod head;
mod tables;
#[cfg(test)]
mod tests;
mod words;

use super::exit::{RunResult, result};
use super::run::{Run, Severity};
use super::verdict::{Counts, Judged};
use document::Document;

/// Longest summary, in bytes: GitHub drops one of more than 1 MiB as a whole, and several runs may
/// write to the summary of one step.
pub const SUMMARY_BYTES_MAX: usize = 900 << 10;
/// Longest comment, in bytes, so that it never has more characters: GitHub takes 65,536 of these, and
/// whoever posts it may add some.
pub const COMMENT_BYTES_MAX: usize = 60_000;

/// The summary of a run, at most `limit_bytes` long: [`SUMMARY_BYTES_MAX`] less what is there already.
///
/// What finds no room is left out at the border of a row, and counted. Empty when there is not even
/// room for the heading. A run that had nothing to do has a heading and one line.
pub fn summary(run: &Run, limit_bytes: usize) -> String {
    let counts = Counts::of(run);
    let mut document = Document::new(&head::heading(run, counts), limit_bytes);
    document.paragraph(&head::facts(run, counts));
    if let Some(stopped) = head::stopped(run) {
        document.paragraph(stopped);
    }
    tables::problems(&mut document, run, Severity::Error);
    if result(run) == RunResult::Ok && counts.pending == 0 {
        tables::problems(&mut document, run, Severity::Warning);
        return document.into_text();
    }
    let judged: Vec<Judged<'_>> = run.verdicts().collect();
    if !judged.is_empty() {
        document.paragraph(&head::counted(run, counts));
    }
    tables::failures(&mut document, &judged);
    tables::changes(&mut document, run, &judged);
    tables::problems(&mut document, run, Severity::Warning);
    tables::current(&mut document, &judged, counts);
    tables::dropped(&mut document, run, counts);
    tables::registries(&mut document, run);
    document.into_text()
}

/// The summary as a comment of at most [`COMMENT_BYTES_MAX`]. Its first line is [`marker`].
pub fn comment(run: &Run) -> String {
    let marker = marker(run);
    let room = COMMENT_BYTES_MAX - marker.len() - 1;
    format!("{marker}\n{}", summary(run, room))
}

/// The line that nobody sees and that finds the comment of an earlier run:
/// `<!-- crossdock:plan:crossdock.yaml -->`. Of one command and one spec it is always the same.
pub fn marker(run: &Run) -> String {
    let mut spec: String = run.spec_path().unwrap_or_default().chars().take(MARKER_SPEC_CHARS_MAX).collect();
    // Two dashes could end the comment, and everything else that is rare could be worse.
    spec = spec.replace(|c: char| !(c.is_ascii_alphanumeric() || "./-".contains(c)), "_");
    while spec.contains("--") {
        spec = spec.replace("--", "-_");
    }
    format!("<!-- crossdock:{}:{spec} -->", run.command.as_str())
}

/// Longest path in a marker, in characters.
const MARKER_SPEC_CHARS_MAX: usize = 512;
