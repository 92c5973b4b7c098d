//! A run as JSON lines: its version, problems, items in the order of reports, and last a summary.

use super::escape;
use super::event::ItemEvent;
use super::exit::{RunResult, exit_code, result};
use super::run::{Command, Problem, Run, Settled, Severity};
use super::stamp::utc;
use super::text::moved;
use super::verdict::{Counts, Judged, Verdict};
use crate::outcome::Tally;
use crate::plan::Dropped;
use serde::Serialize;
use time::OffsetDateTime;

/// The version of the format: minor versions only add. It goes with that of `--progress json`.
const VERSION: &str = "1.0";

/// What every line has, and what is its own.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: &'a str,
    level: &'static str,
    message: String,
    #[serde(flatten)]
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Event<'a> {
    /// The first line.
    Version { schema_version: &'a str, tool: &'a str, command: &'a str },
    /// Something is wrong in the spec, or with how the program was called.
    Diagnostic {
        code: &'a str,
        path: Option<&'a str>,
        line: Option<u32>,
        column: Option<u32>,
        hint: Option<&'a str>,
    },
    /// One target tag, or one mapping that could not be resolved or observed.
    Item(ItemEvent<'a>),
    /// A source tag that a filter left out.
    Dropped { mirror: &'a str, source: String, filter: &'a str, reason: Option<&'a str> },
    /// The last line.
    Summary {
        result: &'a str,
        exit_code: u8,
        created: u64,
        updated: u64,
        current: u64,
        refused: u64,
        deferred: u64,
        failed: u64,
        pending: u64,
        dropped: u64,
        bytes_copied: u64,
        duration_ms: u64,
    },
}

/// The first line of a journal: what is run, and since when.
pub fn opening(tool: &str, command: Command, started_at: OffsetDateTime) -> String {
    let command = command.as_str();
    let event = Event::Version { schema_version: VERSION, tool, command };
    line(&utc(started_at), INFO, format!("crossdock {tool}: {command}"), event)
}

/// The lines of a journal for an entry that is done.
pub fn done(Settled { entry, outcomes, .. }: &Settled, now: OffsetDateTime) -> String {
    let now = utc(now);
    let mut text = String::new();
    for (target, outcome) in entry.targets.iter().zip(outcomes) {
        if let Some(outcome) = outcome {
            let event = ItemEvent::of(entry, target, outcome);
            text += &line(&now, level(&Verdict::of(&outcome.result)), event.message(), Event::Item(event));
        }
    }
    text
}

/// One line with its end.
fn line(timestamp: &str, level: &'static str, message: String, event: Event<'_>) -> String {
    let message = escape::foreign(message);
    let line = Line { timestamp, level, message, event };
    let line = serde_json::to_string(&line).expect("text and numbers always serialise");
    escape::json(&line) + "\n"
}

/// The lines of a run. The same run gives the same bytes: the times are those of its start and end.
pub fn render(run: &Run) -> String {
    let finished = utc(run.finished_at);
    let mut text = String::new();
    text.push_str(&opening(&run.tool_version, run.command, run.started_at));
    let mut say = |timestamp: &str, level, message: String, event: Event<'_>| {
        text.push_str(&line(timestamp, level, message, event));
    };
    for problem in &run.problems {
        let Problem { severity, code, message, path, line, column, hint } = problem;
        let level = match severity {
            Severity::Error => ERROR,
            Severity::Warning => WARN,
        };
        let (path, hint) = (path.as_deref(), hint.as_deref());
        let event = Event::Diagnostic { code, path, line: *line, column: *column, hint };
        say(&finished, level, message.clone(), event);
    }
    let judged: Vec<Judged<'_>> = run.verdicts().collect();
    for judged in &judged {
        let event = ItemEvent::judged(judged);
        say(&finished, level(&judged.verdict), event.message(), Event::Item(event));
    }
    for dropped in run.sorted().dropped {
        let Dropped { mirror, spec_line: _, source, filter, reason } = dropped;
        let (source, reason) = (source.to_string(), reason.as_deref());
        let message = match reason {
            Some(reason) => format!("{source}: dropped by the filter {filter}: {reason}"),
            None => format!("{source}: dropped by the filter {filter}"),
        };
        say(&finished, INFO, message, Event::Dropped { mirror, source, filter, reason });
    }
    let (level, message, event) = summary(run, &moved(&judged));
    say(&finished, level, message, event);
    text
}

const INFO: &str = "info";
const WARN: &str = "warn";
const ERROR: &str = "error";

fn level(verdict: &Verdict<'_>) -> &'static str {
    match verdict {
        Verdict::Created | Verdict::Updated | Verdict::Current | Verdict::Pending => INFO,
        Verdict::Refused(_) | Verdict::Deferred(_) => WARN,
        Verdict::Failed(_) => ERROR,
    }
}

fn summary(run: &Run, tally: &Tally) -> (&'static str, String, Event<'static>) {
    let result = result(run);
    let level = match result {
        RunResult::Ok | RunResult::Changed => INFO,
        RunResult::Drift | RunResult::Deferred | RunResult::Refused | RunResult::Cancelled => WARN,
        RunResult::Failed | RunResult::Partial | RunResult::Invalid | RunResult::Denied => ERROR,
    };
    let Counts { created, updated, current, refused, deferred, failed, pending, dropped } = Counts::of(run);
    let message = format!(
        "{}: {created} created, {updated} updated, {current} current, {refused} refused, \
         {deferred} deferred, {failed} failed, {pending} pending, {dropped} dropped",
        result.as_str()
    );
    let event = Event::Summary {
        result: result.as_str(),
        exit_code: exit_code(run).code(),
        created,
        updated,
        current,
        refused,
        deferred,
        failed,
        pending,
        dropped,
        bytes_copied: tally.bytes_copied,
        duration_ms: u64::try_from(run.duration().as_millis()).unwrap_or(u64::MAX),
    };
    (level, message, event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::tests::hostile;
    use crate::report::sample;
    use proptest::prelude::*;
    use serde_json::Value;

    fn lines(run: &Run) -> Vec<Value> {
        render(run).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn the_first_line_is_the_version_and_the_last_the_summary() {
        let lines = lines(&sample::full_run(Command::Sync));
        let types: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
        let items = ["item"; 12];
        let dropped = ["dropped"; 3];
        assert_eq!(types, [&["version", "diagnostic"][..], &items, &dropped, &["summary"]].concat());
        assert!(
            lines
                .iter()
                .all(|line| { ["@timestamp", "level", "message"].iter().all(|key| line[key].is_string()) })
        );
    }

    #[test]
    fn the_page_tells_of_every_key() {
        const PAGE: &str = include_str!("../../docs/report.md");
        for line in lines(&sample::full_run(Command::Sync)) {
            for key in line.as_object().expect("an object").keys() {
                assert!(PAGE.contains(&format!("`{key}`")), "{key}");
            }
        }
    }

    proptest! {
        #[test]
        fn foreign_text_makes_no_line(texts in prop::collection::vec(hostile(), 8)) {
            let plain = sample::full_run(Command::Sync);
            let run = sample::with_texts(plain.clone(), &texts);
            prop_assert_eq!(lines(&run).len(), lines(&plain).len());
            prop_assert!(!render(&run).contains("##["));
            let problem = &lines(&run)[1];
            prop_assert_eq!(problem["hint"].as_str(), run.problems[0].hint.as_deref());
        }
    }
}
