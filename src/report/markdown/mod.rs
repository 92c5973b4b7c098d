//! The end of a run as Markdown: a summary for the page of a CI, and a comment for a pull request.

use super::run::Run;

/// Longest summary, in bytes: GitHub drops one of more than 1 MiB as a whole, and several runs may
/// write to the summary of one step.
pub const SUMMARY_BYTES_MAX: usize = 900 << 10;
/// Longest comment, in characters: GitHub takes 65,536, and whoever posts it may add some.
pub const COMMENT_CHARS_MAX: usize = 60_000;

/// The summary of a run, at most `limit` bytes long.
pub fn summary(run: &Run, limit: usize) -> String {
    let _ = limit;
    format!("## crossdock {}\n", run.command.as_str())
}

/// The same as a comment of at most [`COMMENT_CHARS_MAX`] characters. Its first line is [`marker`].
pub fn comment(run: &Run) -> String {
    format!("{}\n{}", marker(run), summary(run, COMMENT_CHARS_MAX))
}

/// The invisible line that finds the comment of the run before: `<!-- crossdock:plan:crossdock.yaml -->`.
pub fn marker(run: &Run) -> String {
    let spec = run.spec.as_ref().map_or("", |spec| spec.path.as_str());
    format!("<!-- crossdock:{}:{spec} -->", run.command.as_str())
}
