//! A plan for people: a line for each target tag, by mirror, and one line that can be grepped for.

use super::human::{Bytes, Count};
use super::paint::{Detail, Ink, Page};
use super::verdict::{Judged, Subject, Verdict};
use super::{dropped_text, failure_text, lines};
use crate::colour::Colour;
use crate::plan::{Counts, Drift, Dropped, Entry, FilterRequests, Plan, Unresolved};
use std::collections::BTreeMap;

/// The text of a plan. One that changes nothing has two lines, unless a filter decided or everything
/// is asked for.
pub fn render(plan: &Plan, detail: Detail, colour: Colour) -> String {
    let mut page = Page::new(colour);
    let entries: Vec<&Entry> = plan.entries().iter().collect();
    let unresolved: Vec<&Unresolved> = plan.unresolved().iter().collect();
    let dropped: Vec<&Dropped> = plan.dropped().iter().collect();
    if let Some(current) = drifts(&mut page, &entries, &unresolved, &dropped, detail) {
        unchanged(&mut page, current);
    }
    let Counts { create, update, current, refused, failed } = plan.counts();
    page.own_in(Ink::Strong, "Plan:").own(" ").say(create).own(" to create, ").say(update);
    page.own(" to update, ").say(current).own(" current, ").say(refused).own(" refused");
    if failed > 0 {
        page.own(", ").say(failed).own(" failed");
    }
    page.own(".");
    if let Some(cost) = plan.cost() {
        page.own(" ").say(Bytes(cost.bytes_max)).own(" to copy.");
    }
    page.end();
    referrers(&mut page, plan, detail);
    filters(&mut page, plan);
    page.into_text()
}

/// What speaks about the images and is missing at targets, and what it cost to know that.
fn referrers(page: &mut Page, plan: &Plan, detail: Detail) {
    let targets = plan.entries().iter().flat_map(|entry| &entry.targets);
    let lacking: u64 = targets.map(|target| target.lacks.len() as u64).sum();
    let requests = plan.referrer_requests();
    if lacking == 0 && (requests == 0 || detail == Detail::Changes) {
        return;
    }
    page.own_in(Ink::Strong, "Referrers:").own(" ").say(lacking).own(" to copy.");
    page.own(" Finding them took ").say(Count(requests, "request")).own(".").end();
}

/// What filters left out and what they asked for, if anything.
fn filters(page: &mut Page, plan: &Plan) {
    let requests = plan.filter_requests();
    let FilterRequests { heads, manifests, configs } = requests;
    if plan.dropped().is_empty() && requests.total() == 0 {
        return;
    }
    let dropped = Count(plan.dropped().len() as u64, "tag");
    page.own_in(Ink::Strong, "Filters:").own(" ").say(dropped).own(" dropped.");
    if requests.total() > 0 {
        page.own(" What they asked for took ").say(Count(requests.total(), "request")).own(": ");
        page.say(Count(heads, "tag")).own(", ").say(Count(manifests, "manifest")).own(", ");
        page.say(Count(configs, "config")).own(".");
    }
    page.end();
}

/// What one rule found: what it takes, and what its filter left out.
type Found<'a> = (Vec<&'a Entry>, Vec<&'a Dropped>);

/// The lines of a plan or a check before its last. Where there is nothing to change, how many tags are as
/// they shall be.
pub(super) fn drifts(
    page: &mut Page,
    entries: &[&Entry],
    unresolved: &[&Unresolved],
    dropped: &[&Dropped],
    detail: Detail,
) -> Option<u64> {
    let mut rules: BTreeMap<(Option<u32>, &str), Found<'_>> = BTreeMap::new();
    for entry in
        entries.iter().filter(|entry| entry.targets.iter().any(|target| shown(&target.drift, detail)))
    {
        rules.entry((entry.spec_line, &entry.mirror)).or_default().0.push(entry);
    }
    for dropped in dropped {
        rules.entry((dropped.spec_line, &dropped.mirror)).or_default().1.push(dropped);
    }
    for ((_, mirror), (entries, dropped)) in rules {
        page.own_in(Ink::Strong, "mirror ").say_in(Ink::Strong, mirror).end();
        let width = lines::source_width(entries.iter().copied());
        for entry in entries {
            for target in entry.targets.iter().filter(|target| shown(&target.drift, detail)) {
                page.own("  ");
                lines::drift_line(page, entry, target, width);
                page.end();
            }
        }
        dropped_text::dropped(page, &dropped, detail);
    }
    let judged: Vec<Judged<'_>> = unresolved
        .iter()
        .map(|unresolved| Judged {
            subject: Subject::Unresolved(unresolved),
            verdict: Verdict::of_unresolved(&unresolved.failure),
        })
        .collect();
    if !judged.is_empty() {
        page.own_in(Ink::Strong, "could not be compared").end();
        failure_text::failures(page, &judged, detail);
    }
    let counts = Counts::of(entries.iter().copied(), &[]);
    (counts.pending() + counts.refused == 0 && unresolved.is_empty()).then_some(counts.current)
}

fn shown(drift: &Drift, detail: Detail) -> bool {
    match (drift, detail) {
        (Drift::Current { .. }, Detail::Changes) => false,
        (Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. }, _) => true,
        (Drift::Current { .. } | Drift::Refused { .. }, _) => true,
    }
}

/// The line that stands for a list of changes where there are none.
pub(super) fn unchanged(page: &mut Page, current: u64) {
    match current {
        0 => page.own("Nothing to change: no source tag was selected."),
        1 => page.own("Nothing to change: 1 target tag is as it should be."),
        _ => page.own("Nothing to change: ").say(Count(current, "target tag")).own(" are as they should be."),
    };
    page.end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Cost, sample};

    #[test]
    fn a_plan_shows_what_changes_and_what_is_wrong() {
        insta::assert_snapshot!(render(&sample::plan(), Detail::Changes, Colour::Never));
    }

    #[test]
    fn a_plan_shows_everything_when_asked_and_has_colours_when_asked() {
        let text = render(&sample::plan(), Detail::All, Colour::Always);
        insta::assert_snapshot!(text.replace('\u{1b}', "ESC"));
    }

    #[test]
    fn a_plan_that_changes_nothing_has_two_lines() {
        let current = |target| (target, Drift::Current { found: Some(sample::digest("x")) });
        let entry = sample::entry("a", 1, "alpine:1", &[current("y.example/a:1"), current("z.example/a:1")]);
        let plan = Plan::new(vec![entry], Vec::new()).with_cost(Cost::default());
        insta::assert_snapshot!(render(&plan, Detail::Changes, Colour::Never), @r"
        Nothing to change: 2 target tags are as they should be.
        Plan: 0 to create, 0 to update, 2 current, 0 refused. 0 B to copy.
        ");
        insta::assert_snapshot!(render(&Plan::default(), Detail::Changes, Colour::Never), @r"
        Nothing to change: no source tag was selected.
        Plan: 0 to create, 0 to update, 0 current, 0 refused.
        ");
    }
}
