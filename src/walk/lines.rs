//! Lines: who waits for a turn, in one line for each source, so that a source that takes its time
//! holds up nobody who asks another.

use crate::oci::StoreKey;
use std::collections::{BTreeMap, VecDeque};

/// Turns of a source of which nothing is known yet. Each turn that ends gives it one more: a source
/// that never answers shall not be asked for everything before that is noticed.
const FIRST_AT_ONCE: usize = 16;

/// Those that wait, by the store that they will ask.
pub(super) struct Lines<T> {
    at_once: usize,
    lines: BTreeMap<StoreKey, Line<T>>,
}

struct Line<T> {
    waiting: VecDeque<T>,
    turns: usize,
    running: usize,
}

impl<T> Lines<T> {
    /// Each source has `at_once` turns, once it has answered that often.
    pub(super) fn new(at_once: usize) -> Self {
        Self { at_once, lines: BTreeMap::new() }
    }

    /// Queues up behind all that ask the same source.
    pub(super) fn add(&mut self, source: StoreKey, one: T) {
        let turns = FIRST_AT_ONCE.min(self.at_once);
        let line = self.lines.entry(source);
        let line = line.or_insert_with(|| Line { waiting: VecDeque::new(), turns, running: 0 });
        line.waiting.push_back(one);
    }

    /// The next whose turn it is; [`Self::ended`] gives the turn back.
    pub(super) fn next(&mut self) -> Option<(StoreKey, T)> {
        let has_turns =
            |(_, line): &(&StoreKey, &mut Line<T>)| line.running < line.turns && !line.waiting.is_empty();
        let (source, line) = self.lines.iter_mut().find(has_turns)?;
        let next = line.waiting.pop_front()?;
        line.running += 1;
        Some((source.clone(), next))
    }

    /// A turn at `source` is over.
    pub(super) fn ended(&mut self, source: &StoreKey) {
        if let Some(line) = self.lines.get_mut(source) {
            line.running -= 1;
            line.turns = (line.turns + 1).min(self.at_once);
        }
    }

    /// How many wait in all lines.
    pub(super) fn waiting(&self) -> usize {
        self.lines.values().map(|line| line.waiting.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_takes_its_time_holds_up_nobody_who_asks_another() {
        let store =
            |name: &str| format!("{name}/a").parse::<crate::oci::Repository>().expect("a name").store();
        let (slow, quick) = (store("a.test"), store("b.test"));
        let mut lines = Lines::new(2);
        for number in 0..5 {
            lines.add(slow.clone(), number);
        }
        assert_eq!([lines.next(), lines.next()], [Some((slow.clone(), 0)), Some((slow.clone(), 1))]);
        assert_eq!(lines.next(), None, "both turns are taken");
        lines.add(quick.clone(), 7);
        assert_eq!(lines.next(), Some((quick, 7)));
        assert_eq!(lines.waiting(), 3);
        lines.ended(&slow);
        assert_eq!([lines.next(), lines.next()], [Some((slow, 2)), None]);
    }

    #[test]
    fn a_source_is_asked_for_more_when_it_has_answered() {
        let source = "a.test/a".parse::<crate::oci::Repository>().expect("a name").store();
        let mut lines = Lines::new(96);
        (0..500).for_each(|number| lines.add(source.clone(), number));
        let mut begun = |answers: usize| {
            (0..answers).for_each(|_| lines.ended(&source));
            std::iter::from_fn(|| lines.next()).count()
        };
        assert_eq!([0, 16, 32, 64].map(&mut begun), [16, 32, 64, 96]);
        assert_eq!(begun(10), 10, "and no more than there are turns");
    }
}
