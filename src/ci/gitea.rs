//! Gitea and Forgejo Actions: what GitHub's runner reads, as far as theirs does. What they do not know
//! is not there, and so is left alone.

use super::github::GitHub;
use super::{Annotation, Dialect, Effect, Ended, Output, Stamps, Variables};
use crate::colour::Colour;

/// Gitea Actions and Forgejo Actions.
#[derive(Debug)]
pub(super) struct Gitea;

impl Dialect for Gitea {
    fn colour(&self) -> Colour {
        GitHub.colour()
    }

    fn stamps(&self, variables: &Variables) -> Stamps {
        GitHub.stamps(variables)
    }

    fn debug_variable(&self) -> Option<&'static str> {
        GitHub.debug_variable()
    }

    fn mask(&self, secret: &str, variables: &Variables) -> Option<String> {
        GitHub.mask(secret, variables)
    }

    fn open(&self, title: &str, at: i64) -> Option<String> {
        GitHub.open(title, at)
    }

    fn close(&self, at: i64) -> Option<String> {
        GitHub.close(at)
    }

    fn annotation(&self, annotation: &Annotation) -> Option<String> {
        GitHub.annotation(annotation)
    }

    fn outputs(&self, outputs: &[(Output, String)], ended: &Ended<'_>) -> Vec<Effect> {
        GitHub.outputs(outputs, ended)
    }

    fn summary(&self, ended: &Ended<'_>) -> Vec<Effect> {
        GitHub.summary(ended)
    }
}
