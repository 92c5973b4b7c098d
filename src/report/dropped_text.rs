//! What filters left out, for people: one line for a rule, or one for each tag when everything is
//! asked for.

use super::human::Count;
use super::paint::{Detail, Ink, Page};
use crate::plan::Dropped;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Most reasons that one line tells; filters may give each tag its own.
const REASONS_SHOWN_MAX: usize = 4;
/// Longest reason in a line that tells several, in characters.
const REASON_CHARS_MAX: usize = 60;

/// The lines about what the filter of one rule left out.
pub(super) fn dropped(page: &mut Page, dropped: &[&Dropped], detail: Detail) {
    let Some(first) = dropped.first() else { return };
    if detail == Detail::All {
        dropped.iter().for_each(|one| alone(page, one));
        return;
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for reason in dropped.iter().filter_map(|one| one.reason.as_deref()) {
        *counts.entry(reason).or_default() += 1;
    }
    let mut reasons: Vec<(&str, u64)> = counts.into_iter().collect();
    reasons.sort_by_key(|(reason, count)| (Reverse(*count), *reason));
    page.own("  ").own_in(Ink::Faint, "-").own(" ").say(Count(dropped.len() as u64, "tag"));
    page.own(" dropped by the filter ").say(&first.filter);
    for (at, (reason, count)) in reasons.iter().take(REASONS_SHOWN_MAX).enumerate() {
        page.own(if at == 0 { " (" } else { ", " }).say(shortened(reason)).own(" ").say(count);
    }
    if let Some(more) = reasons.len().checked_sub(REASONS_SHOWN_MAX).filter(|more| *more > 0) {
        page.own(", … ").say(Count(more as u64, "reason")).own(" more");
    }
    if !reasons.is_empty() {
        page.own(")");
    }
    page.end();
}

fn alone(page: &mut Page, Dropped { mirror: _, spec_line: _, source, filter, reason }: &Dropped) {
    page.own("  ").own_in(Ink::Faint, "-").own(" ").say(source).own("  dropped by the filter ").say(filter);
    if let Some(reason) = reason {
        page.own(": ").say(reason);
    }
    page.end();
}

fn shortened(reason: &str) -> String {
    match reason.char_indices().nth(REASON_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::Colour;
    use crate::plan::sample;

    fn shown(reasons: &[&str]) -> String {
        let one =
            |reason: &&str| Dropped { reason: Some((*reason).to_owned()), ..sample::dropped()[0].clone() };
        let all: Vec<Dropped> = reasons.iter().map(one).collect();
        let mut page = Page::new(Colour::Never);
        dropped(&mut page, &all.iter().collect::<Vec<_>>(), Detail::Changes);
        page.into_text()
    }

    #[test]
    fn many_reasons_are_one_line_with_the_commonest_first() {
        let line = shown(&["a", "b", "b", "c", "d", "e", "f"]);
        assert_eq!(line, "  - 7 tags dropped by the filter calver (b 2, a 1, c 1, d 1, … 2 reasons more)\n");
    }

    #[test]
    fn a_reason_cannot_command_a_terminal_or_fill_it() {
        let line = shown(&["\u{1b}[2J\n::error::x", &"x".repeat(100)]);
        assert!(!line.contains('\u{1b}') && line.lines().count() == 1, "{line}");
        assert!(line.contains(&format!("{}…", "x".repeat(REASON_CHARS_MAX))), "{line}");
    }
}
