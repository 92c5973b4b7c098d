//! Causes: what went wrong, with everything that it happened to, so that one cause is told once.

use super::verdict::{Judged, Verdict};
use crate::failure::{Code, Failure, HttpFacts, Side};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What makes two failures one in the eyes of a person: everything but the URL.
#[derive(PartialEq, Eq)]
pub(super) struct Cause<'a> {
    pub(super) word: &'static str,
    pub(super) code: Code,
    pub(super) side: Option<Side>,
    pub(super) repository: &'a str,
    pub(super) message: &'a str,
    answer: Option<(&'a str, Option<u16>, Option<&'a str>)>,
    pub(super) credential: Option<&'a str>,
    pub(super) hint: Option<&'a str>,
}

/// A cause, the first failure that has it, and everything that it happened to.
pub(super) struct Group<'a> {
    pub(super) cause: Cause<'a>,
    pub(super) first: &'a Failure,
    pub(super) members: Vec<&'a Judged<'a>>,
}

impl<'a> Cause<'a> {
    fn of(word: &'static str, failure: &'a Failure) -> Self {
        // `operation` goes with the method; `retry_after` differs from one answer to the next.
        let Failure {
            code,
            side,
            repository,
            operation: _,
            message,
            http,
            credential,
            hint,
            retry_after: _,
            named: _,
            tried: _,
        } = failure;
        let answer = http.as_ref().map(|HttpFacts { method, url: _, status, registry_code }| {
            (method.as_str(), *status, registry_code.as_deref())
        });
        Self {
            word,
            code: *code,
            side: *side,
            repository,
            message,
            answer,
            credential: credential.as_deref(),
            hint: hint.as_deref(),
        }
    }

    fn rough_hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.code, self.repository, self.message).hash(&mut hasher);
        hasher.finish()
    }
}

/// Everything among `judged` that was refused, deferred or failed, by its cause, in order.
pub(super) fn groups<'a>(judged: &'a [Judged<'a>]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut seen = std::collections::HashMap::<u64, Vec<usize>>::new();
    for judged in judged {
        let Some((word, failure)) = word_and_failure(&judged.verdict) else { continue };
        let cause = Cause::of(word, failure);
        let candidates = seen.entry(cause.rough_hash()).or_default();
        match candidates.iter().find(|at| groups[**at].cause == cause) {
            Some(at) => groups[*at].members.push(judged),
            None => {
                candidates.push(groups.len());
                groups.push(Group { cause, first: failure, members: vec![judged] });
            }
        }
    }
    groups
}

fn word_and_failure<'a>(verdict: &'a Verdict<'_>) -> Option<(&'static str, &'a Failure)> {
    match verdict {
        Verdict::Created | Verdict::Updated | Verdict::Current | Verdict::Pending => None,
        Verdict::Refused(failure) => Some(("refused", failure)),
        Verdict::Deferred(failure) => Some(("deferred", failure)),
        Verdict::Failed(failure) => Some(("failed", failure)),
    }
}
