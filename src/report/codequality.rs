//! Problems of the spec for GitLab's Code Quality: a JSON list of what is wrong, and where.

use super::escape;
use super::place::{fingerprinted, relative};
use super::run::{Problem, Run, Severity};
use serde::Serialize;

#[derive(Serialize)]
struct Finding {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// The problems that have a place in a file; the format has no room for others.
pub fn render(run: &Run) -> String {
    let findings: Vec<Finding> =
        fingerprinted(run).filter_map(|(problem, print)| finding(problem, print)).collect();
    let mut text = serde_json::to_string_pretty(&findings).expect("text and numbers always serialise");
    text.push('\n');
    escape::json(&text)
}

fn finding(problem: &Problem, fingerprint: String) -> Option<Finding> {
    let Problem { severity, code, message, path, line, column: _, hint } = problem;
    let description = match hint {
        Some(hint) => escape::foreign(format!("{message}. What to do: {hint}")),
        None => escape::foreign(message),
    };
    Some(Finding {
        description,
        check_name: escape::foreign(code),
        fingerprint,
        // Of info, minor, major, critical and blocker.
        severity: match severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
        },
        location: Location { path: relative(path.as_ref()?), lines: Lines { begin: line.unwrap_or(1) } },
    })
}
