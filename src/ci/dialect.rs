//! What the CIs do differently. What a dialect does not say, its CI does not have.

use super::{Annotation, Effect, Ended, Output, Variables};
use crate::colour::Colour;

/// Who writes the time before the lines of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamps {
    /// The CI does.
    Theirs,
    /// Nobody, so we do.
    Ours,
}

/// How one CI is spoken to.
pub trait Dialect: Sync {
    /// Whether its log shows colours, where nobody said otherwise.
    fn colour(&self) -> Colour {
        Colour::Never
    }

    /// Who writes the time before lines.
    fn stamps(&self, variables: &Variables) -> Stamps {
        let _ = variables;
        Stamps::Ours
    }

    /// The variable by which its users ask for more in the log.
    fn debug_variable(&self) -> Option<&'static str> {
        None
    }

    /// The line that hides `secret` from the rest of the log; none where there is no such line, and
    /// where this is not that CI: nobody else would swallow it.
    fn mask(&self, secret: &str, variables: &Variables) -> Option<String> {
        let _ = (secret, variables);
        None
    }

    /// The line that begins a part of the log that is folded. `at` is in seconds since 1970.
    fn open(&self, title: &str, at: i64) -> Option<String> {
        let _ = (title, at);
        None
    }

    /// The line that ends it.
    fn close(&self, at: i64) -> Option<String> {
        let _ = at;
        None
    }

    /// The line that shows something beside the log.
    fn annotation(&self, annotation: &Annotation) -> Option<String> {
        let _ = annotation;
        None
    }

    /// How later parts of the pipeline learn what came of the run.
    fn outputs(&self, outputs: &[(Output, String)], ended: &Ended<'_>) -> Vec<Effect> {
        let _ = outputs;
        super::ending::result_file(ended)
    }

    /// How people see it on the page of the pipeline.
    fn summary(&self, ended: &Ended<'_>) -> Vec<Effect> {
        let _ = ended;
        Vec::new()
    }

    /// Whatever else it wants to hear.
    fn more(&self, ended: &Ended<'_>) -> Vec<Effect> {
        let _ = ended;
        Vec::new()
    }
}
