//! Failures for people: the tags that share a cause together, then the cause, the answer of the
//! registry, the credential and what to do.

use super::cause::{Group, groups};
use super::lines;
use super::paint::{Detail, Ink, Page};
use super::verdict::{Judged, Subject};
use crate::failure::HttpFacts;

/// How many tags of one cause are listed, unless everything is asked for.
const TAGS_SHOWN_MAX: usize = 20;

/// Everything among `judged` that was refused, deferred or failed. Prints nothing when all is well.
pub(super) fn failures(page: &mut Page, judged: &[Judged<'_>], detail: Detail) {
    for one in groups(judged) {
        group(page, &one, detail);
    }
}

fn group(page: &mut Page, Group { cause, first, members }: &Group<'_>, detail: Detail) {
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
    if let Some(http) = &first.http {
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
        Subject::Target { entry, target, .. } => {
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
