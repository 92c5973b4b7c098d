//! What reading needs and collects: the text, the environment, problems and places of secrets.

use crate::select::Pattern;
use crate::spec::problems::PROBLEMS_MAX;
use crate::spec::source::Source;
use crate::spec::{Code, Problem, Span};
use std::collections::HashMap;

/// Most problems that are collected, before they are sorted and the first of them kept.
const COLLECTED_MAX: usize = 20 * PROBLEMS_MAX;

pub(in crate::spec) struct Reading<'a> {
    pub source: &'a Source<'a>,
    pub env: &'a dyn Fn(&str) -> Option<String>,
    pub problems: Vec<Problem>,
    /// Where secrets stand in the text.
    pub secrets: Vec<Span>,
    /// Patterns that were compiled, by their text: a large spec has the same ones again and again.
    pub patterns: HashMap<String, Pattern>,
}

impl<'a> Reading<'a> {
    pub fn new(source: &'a Source<'a>, env: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { source, env, problems: Vec::new(), secrets: Vec::new(), patterns: HashMap::new() }
    }

    /// Whether so much is wrong that no more is collected.
    pub fn is_full(&self) -> bool {
        self.problems.len() >= COLLECTED_MAX
    }

    /// Reports a problem with what to do about it.
    pub fn problem(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: Option<impl Into<String>>,
    ) {
        if self.is_full() {
            return;
        }
        let problem = Problem::new(code, self.source.place(span), message).maybe_help(help);
        self.problems.push(problem);
    }
}
