//! GitHub Actions: commands in the log, and files that the runner names. Its runner reads a line that
//! starts with `::` as a command, and puts `%` sequences back.

use super::{Annotation, Dialect, Effect, Ended, Level, Output, Stamps, Variables, artifacts};
use crate::colour::Colour;
use crate::report::markdown;

/// GitHub Actions.
#[derive(Debug)]
pub(super) struct GitHub;

impl Dialect for GitHub {
    fn colour(&self) -> Colour {
        Colour::Always
    }

    fn stamps(&self, _: &Variables) -> Stamps {
        Stamps::Theirs
    }

    fn debug_variable(&self) -> Option<&'static str> {
        Some("RUNNER_DEBUG")
    }

    fn mask(&self, secret: &str, variables: &Variables) -> Option<String> {
        variables.says_yes("GITHUB_ACTIONS").then(|| command("add-mask", &[], secret))
    }

    fn open(&self, title: &str, _: i64) -> Option<String> {
        Some(command("group", &[], title))
    }

    fn close(&self, _: i64) -> Option<String> {
        Some(command("endgroup", &[], ""))
    }

    fn annotation(&self, annotation: &Annotation) -> Option<String> {
        Some(annotate(annotation))
    }

    fn outputs(&self, outputs: &[(Output, String)], ended: &Ended<'_>) -> Vec<Effect> {
        let Some(path) = ended.variables.get("GITHUB_OUTPUT") else { return Vec::new() };
        vec![Effect::Append { path: path.into(), text: heredocs(outputs, ended.random) }]
    }

    fn summary(&self, ended: &Ended<'_>) -> Vec<Effect> {
        let Some(path) = ended.variables.get("GITHUB_STEP_SUMMARY") else { return Vec::new() };
        let there = usize::try_from(ended.summary_bytes).unwrap_or(usize::MAX);
        let room = markdown::SUMMARY_BYTES_MAX.saturating_sub(there);
        let text = markdown::summary(ended.run, room);
        // What is too much takes everything with it that others wrote.
        match text.len() <= room {
            true => vec![Effect::Append { path: path.into(), text }],
            false => Vec::new(),
        }
    }

    fn more(&self, ended: &Ended<'_>) -> Vec<Effect> {
        let Some(path) = ended.variables.get("GITHUB_ARTIFACTS") else { return Vec::new() };
        let text = artifacts::lines(ended.run, ended.artifacts);
        match text.is_empty() {
            true => Vec::new(),
            false => vec![Effect::Append { path: path.into(), text }],
        }
    }
}

/// `::error file=a.yaml,line=7,col=3,title=…::message`
pub(super) fn annotate(annotation: &Annotation) -> String {
    let Annotation { level, title, message, place } = annotation;
    let name = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let mut properties = Vec::new();
    if let Some((path, line, column)) = place {
        properties.push(("file", path.clone()));
        properties.extend(line.map(|line| ("line", line.to_string())));
        properties.extend(column.map(|column| ("col", column.to_string())));
    }
    properties.push(("title", title.clone()));
    command(name, &properties, message)
}

/// A command, with what has a meaning in one replaced.
pub(super) fn command(name: &str, properties: &[(&str, String)], message: &str) -> String {
    let pairs: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    let space = if pairs.is_empty() { "" } else { " " };
    format!("::{name}{space}{}::{}", pairs.join(","), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Each output between lines that nobody can guess, so that no value can fake another.
pub(super) fn heredocs(outputs: &[(Output, String)], random: u64) -> String {
    let end = format!("ghadelimiter_{random:016x}");
    outputs.iter().map(|(output, value)| format!("{}<<{end}\n{value}\n{end}\n", output.name)).collect()
}
