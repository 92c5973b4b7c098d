//! The formats of reports, by the names that `--report NAME=PATH` knows.

use super::openmetrics::Dialect;
use super::run::Run;
use super::{codequality, dotenv, json, jsonl, junit, markdown, openmetrics, sarif};

/// A format of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `report-1.json`: everything.
    Json,
    /// JSON lines: events.
    Jsonl,
    /// JUnit XML: a test case for each target tag.
    Junit,
    /// Markdown for the page of a CI.
    Markdown,
    /// Markdown for a comment that is written anew.
    Comment,
    /// OpenMetrics text.
    OpenMetrics,
    /// The text format of Prometheus.
    Prometheus,
    /// SARIF: problems of the spec.
    Sarif,
    /// GitLab Code Quality: problems of the spec.
    CodeQuality,
    /// Variables, one a line.
    Dotenv,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[
        Self::Json,
        Self::Jsonl,
        Self::Junit,
        Self::Markdown,
        Self::Comment,
        Self::OpenMetrics,
        Self::Prometheus,
        Self::Sarif,
        Self::CodeQuality,
        Self::Dotenv,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Comment => "comment",
            Self::OpenMetrics => "openmetrics",
            Self::Prometheus => "prometheus",
            Self::Sarif => "sarif",
            Self::CodeQuality => "codequality",
            Self::Dotenv => "dotenv",
        }
    }

    /// The format with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// The names of all formats, for people.
    pub fn names() -> String {
        Self::ALL.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ")
    }

    /// The text of a whole file.
    pub fn render(self, run: &Run) -> String {
        match self {
            Self::Json => json::render(run),
            Self::Jsonl => jsonl::render(run),
            Self::Junit => junit::render(run),
            Self::Markdown => markdown::summary(run, markdown::SUMMARY_BYTES_MAX),
            Self::Comment => markdown::comment(run),
            Self::OpenMetrics => openmetrics::render(run, Dialect::OpenMetrics),
            Self::Prometheus => openmetrics::render(run, Dialect::Prometheus),
            Self::Sarif => sarif::render(run),
            Self::CodeQuality => codequality::render(run),
            Self::Dotenv => dotenv::render(run),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Command, sample};

    #[test]
    fn every_format_is_found_by_its_name_and_told_of() {
        const PAGE: &str = include_str!("../../docs/report.md");
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(*format));
            assert!(PAGE.contains(&format!("`{}`", format.name())), "{}", format.name());
        }
        assert_eq!(Format::named("xml"), None);
    }

    #[test]
    fn four_runs_in_every_format() {
        for format in Format::ALL {
            let shown = sample::four().map(|(name, run)| format!("=== {name}\n{}", format.render(&run)));
            insta::assert_snapshot!(format.name(), shown.join("\n"));
        }
    }

    #[test]
    fn the_same_run_gives_the_same_bytes_whatever_the_order_in_which_things_happened() {
        let run = sample::full_run(Command::Sync);
        let mut other = run.clone();
        other.entries.reverse();
        other.unresolved.reverse();
        other.registries.reverse();
        for format in Format::ALL {
            assert_eq!(format.render(&run), format.render(&other), "{}", format.name());
        }
    }

    #[test]
    fn a_secret_in_a_url_reaches_no_format() {
        let run = sample::with_urls(
            sample::full_run(Command::Sync),
            "https://bob:CANARY@localhost:5000/v2/x/blobs/uploads/1?_state=CANARY#CANARY",
        );
        for format in Format::ALL {
            let text = format.render(&run);
            assert!(!text.contains("CANARY") && !text.contains("_state"), "{}: {text}", format.name());
        }
        let junit = Format::Junit.render(&run);
        assert!(junit.contains("localhost:5000/v2/x/blobs/uploads/1"), "{junit}");
    }
}
