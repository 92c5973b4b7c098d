//! All problems of one spec, in the order of its text. Never printed here: see `render`.

use super::{Code, Problem, Severity, Span};
use std::fmt;

/// Every problem that was found in one spec, sorted by place.
#[derive(Clone, PartialEq, Eq)]
pub struct Problems {
    pub(super) file_name: String,
    /// The text, without a byte order mark; it may hold secrets.
    pub(super) text: String,
    /// Where secrets are in it.
    pub(super) secrets: Vec<Span>,
    list: Vec<Problem>,
}

/// Most problems that are kept of one spec.
pub(super) const PROBLEMS_MAX: usize = 500;

impl Problems {
    /// Problems of the spec with this file name and text, for printing: warnings of a good spec.
    pub fn new(file_name: &str, text: &str, list: Vec<Problem>) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // A secret in a block of its own stands on lines that do not look like one.
        let secrets = list.iter().filter(|problem| problem.code == Code::LiteralSecret);
        let secrets = secrets.map(|problem| problem.place.span).collect();
        Self::with_secrets(file_name, text, list, secrets)
    }

    pub(super) fn with_secrets(
        file_name: &str,
        text: &str,
        mut list: Vec<Problem>,
        secrets: Vec<Span>,
    ) -> Self {
        let key = |problem: &Problem| (problem.place, problem.code);
        list.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)));
        // An aliased node is checked wherever it stands, and would complain each time.
        list.dedup_by(|a, b| key(a) == key(b) && a.message == b.message);
        list.truncate(PROBLEMS_MAX);
        Self { file_name: file_name.to_owned(), text: text.to_owned(), secrets, list }
    }

    /// The name that the spec was loaded under.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The problems, sorted by place.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// Whether one of them makes the spec unusable.
    pub fn has_errors(&self) -> bool {
        self.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// How many there are, warnings included.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn into_list(self) -> Vec<Problem> {
        self.list
    }
}

/// Without the text of the spec, which may hold secrets.
impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problems")
            .field("file_name", &self.file_name)
            .field("list", &self.list)
            .finish_non_exhaustive()
    }
}

/// One line for each problem.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            let (place, code) = (&problem.place, problem.code);
            write!(f, "{}:{}:{}: {} [{code}]", self.file_name, place.line, place.column, problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
