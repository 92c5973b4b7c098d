//! What reading needs and collects: the text, the environment, problems and places of secrets.

use crate::spec::source::Source;
use crate::spec::{Code, Problem, Span};

pub(in crate::spec) struct Reading<'a> {
    pub source: &'a Source<'a>,
    pub env: &'a dyn Fn(&str) -> Option<String>,
    pub problems: Vec<Problem>,
    /// Where secrets stand in the text.
    pub secrets: Vec<Span>,
}

impl Reading<'_> {
    /// Reports a problem with what to do about it.
    pub fn problem(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: Option<impl Into<String>>,
    ) {
        let problem = Problem::new(code, self.source.place(span), message).maybe_help(help);
        self.problems.push(problem);
    }
}
