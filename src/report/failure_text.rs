//! Failures for people: the tags that share a cause together, then the cause, the answer of the
//! registry, the credential and what to do.

use super::lines;
use super::paint::{Detail, Ink, Page};
use super::verdict::{Judged, Subject, Verdict};
use crate::failure::{Code, Failure, HttpFacts, Side};

/// How many tags of one cause are listed, unless everything is asked for.
const TAGS_SHOWN_MAX: usize = 20;

/// What makes two failures one in the eyes of a person: everything but the URL.
#[derive(PartialEq, Eq)]
struct Cause<'a> {
    word: &'static str,
    code: Code,
    side: Option<Side>,
    repository: &'a str,
    message: &'a str,
    answer: Option<(&'a str, Option<u16>, Option<&'a str>)>,
    credential: Option<&'a str>,
    hint: Option<&'a str>,
}

impl<'a> Cause<'a> {
    fn of(word: &'static str, failure: &'a Failure) -> Self {
        // `operation` goes with the method; `retry_after` differs from one answer to the next.
        let Failure { code, side, repository, operation: _, message, http, credential, hint, retry_after: _ } =
            failure;
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
}

/// Everything among `judged` that was refused, deferred or failed. Prints nothing when all is well.
pub(super) fn failures(page: &mut Page, judged: &[Judged<'_>], detail: Detail) {
    let mut groups: Vec<(Cause<'_>, &Failure, Vec<&Judged<'_>>)> = Vec::new();
    let mut seen = std::collections::HashMap::<u64, Vec<usize>>::new();
    for judged in judged {
        let Some((word, failure)) = word_and_failure(&judged.verdict) else { continue };
        let cause = Cause::of(word, failure);
        let candidates = seen.entry(rough_hash(&cause)).or_default();
        match candidates.iter().find(|at| groups[**at].0 == cause) {
            Some(at) => groups[*at].2.push(judged),
            None => {
                candidates.push(groups.len());
                groups.push((cause, failure, vec![judged]));
            }
        }
    }
    for (cause, failure, members) in groups {
        group(page, &cause, failure, &members, detail);
    }
}

fn rough_hash(cause: &Cause<'_>) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (cause.code, cause.repository, cause.message).hash(&mut hasher);
    hasher.finish()
}

fn word_and_failure<'a>(verdict: &'a Verdict<'_>) -> Option<(&'static str, &'a Failure)> {
    match verdict {
        Verdict::Created | Verdict::Updated | Verdict::Current | Verdict::Pending => None,
        Verdict::Refused(failure) => Some(("refused", failure)),
        Verdict::Deferred(failure) => Some(("deferred", failure)),
        Verdict::Failed(failure) => Some(("failed", failure)),
    }
}

fn group(page: &mut Page, cause: &Cause<'_>, failure: &Failure, members: &[&Judged<'_>], detail: Detail) {
    let shown = match detail {
        Detail::All => members.len(),
        Detail::Changes => members.len().min(TAGS_SHOWN_MAX),
    };
    for judged in &members[..shown] {
        subject(page, &judged.subject);
    }
    if shown < members.len() {
        page.own("  … and ").say(members.len() - shown).own(" more").end();
    }
    page.own("    ").own_in(Ink::Wrong, cause.word).own(": ");
    if let ("failed", Some(side)) = (cause.word, cause.side) {
        page.say(side).own(" ").say(cause.repository).own(": ");
    }
    page.say(cause.message);
    page.own(" [").own(cause.code.as_str()).own("]").end();
    if let Some(http) = &failure.http {
        let HttpFacts { method, url: _, status, registry_code } = http;
        page.own("    answer: ").say(method).own(" ").say(http.bare_url());
        match status {
            Some(status) => page.own(" gave ").say(status),
            None => page.own(" gave no answer"),
        };
        if let Some(code) = registry_code {
            page.own(" ").say(code);
        }
        if members.len() > 1 {
            page.own(" (the first of ").say(members.len()).own(")");
        }
        page.end();
    }
    if let Some(credential) = cause.credential {
        page.own("    credential: ").say(credential).end();
    }
    if let Some(hint) = cause.hint {
        page.own("    what to do: ").say(hint).end();
    }
}

fn subject(page: &mut Page, subject: &Subject<'_>) {
    page.own("  ");
    match subject {
        Subject::Target { entry, target, outcome: _ } => {
            lines::head(page, (Ink::Wrong, "!"), entry, target, 0);
        }
        Subject::Unresolved(unresolved) => {
            page.own_in(Ink::Wrong, "!").own(" ").say(&unresolved.source);
            if let Some(target) = &unresolved.target {
                page.own(" → ").say(target);
            }
            page.own_in(Ink::Faint, "  mirror ").say_in(Ink::Faint, &unresolved.mirror);
        }
    }
    page.end();
}
