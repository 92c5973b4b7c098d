//! The window of one lane: how many of its requests may be under way. Decides only; knows no clock.

use super::latency::{Latency, Strain};
use std::time::Duration;

/// What is not narrowed further on evidence that a busy machine of ours gives as well: answers that are
/// slow, and answers that do not come.
const UNREFUSED_MIN: u32 = 8;

/// Opens like the slow start of TCP (RFC 5681 §3.1): by one with each answer, which doubles it in a
/// round trip; after a refusal by one in a round trip. A refusal halves it, once for all requests that
/// were under way at that moment.
#[derive(Debug)]
pub(super) struct Window {
    width: u32,
    ceiling: u32,
    /// Up to here it doubles.
    threshold: u32,
    /// Answers since it last grew, beyond the threshold.
    credit: u32,
    /// Requests with a lower number began before the last cut, and tell nothing of what is since.
    since: u64,
    latency: Latency,
}

impl Window {
    /// A window that begins `width` wide, and never opens wider than `ceiling`; both from 1.
    pub(super) fn new(width: u32, ceiling: u32) -> Self {
        let ceiling = ceiling.max(1);
        let width = width.clamp(1, ceiling);
        let latency = Latency::default();
        Self { width, ceiling, threshold: ceiling, credit: 0, since: 0, latency }
    }

    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// Whether it cannot become narrower.
    pub(super) fn is_narrowest(&self) -> bool {
        self.width == 1
    }

    /// Notes that request `number` was answered, after `latency` where that tells something, while
    /// `waiting` others stood in line; `next` is the number that the next request will have.
    pub(super) fn answered(&mut self, number: u64, latency: Option<Duration>, waiting: usize, next: u64) {
        // Fewer are served in the round trip that is under way: wider would only be more connections.
        let wanted = waiting >= (self.width / 2).max(1) as usize;
        match latency.map_or(Strain::None, |latency| self.latency.note(latency)) {
            Strain::None if wanted => self.grow(),
            Strain::None | Strain::Some => {}
            Strain::Strong => self.cut(number, next, UNREFUSED_MIN),
        }
    }

    /// Notes that request `number` was refused for being one too many.
    pub(super) fn refused(&mut self, number: u64, next: u64) {
        self.cut(number, next, 1);
    }

    /// Notes that request `number` got no answer.
    pub(super) fn unanswered(&mut self, number: u64, next: u64) {
        self.cut(number, next, UNREFUSED_MIN);
    }

    /// Whether what became of request `number` tells of the width as it is now.
    pub(super) fn is_news(&self, number: u64) -> bool {
        number >= self.since
    }

    fn grow(&mut self) {
        if self.width >= self.ceiling {
            return;
        }
        self.credit += 1;
        if self.width < self.threshold || self.credit >= self.width {
            self.width += 1;
            self.credit = 0;
        }
    }

    fn cut(&mut self, number: u64, next: u64, least: u32) {
        if !self.is_news(number) {
            return;
        }
        self.width = (self.width / 2).max(least).min(self.width);
        self.threshold = self.width;
        self.credit = 0;
        self.since = next;
        self.latency.forget_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Just, Strategy as _, prop_oneof};

    const MANY: usize = 1000;

    /// What becomes of a request.
    #[derive(Debug, Clone, Copy)]
    enum Event {
        /// It is answered after so many milliseconds, while so many wait.
        Answered(u64, usize),
        Refused,
        Unanswered,
    }

    /// Lets one round trip pass while many wait; returns the next number.
    fn round(window: &mut Window, next: u64) -> u64 {
        let end = next + u64::from(window.width());
        (next..end).for_each(|number| window.answered(number, None, MANY, end));
        end
    }

    #[test]
    fn it_doubles_to_its_ceiling_and_after_a_refusal_grows_by_one() {
        let mut window = Window::new(16, 64);
        let mut next = 0;
        let mut widths = Vec::new();
        for _ in 0..3 {
            next = round(&mut window, next);
            widths.push(window.width());
        }
        assert_eq!(widths, [32, 64, 64]);
        window.refused(next - 1, next);
        widths.clear();
        for _ in 0..3 {
            widths.push(window.width());
            next = round(&mut window, next);
        }
        assert_eq!(widths, [32, 33, 34]);
    }

    #[test]
    fn all_refusals_of_one_moment_halve_it_once() {
        let mut window = Window::new(16, 64);
        (0..16).for_each(|number| window.refused(number, 16));
        assert_eq!(window.width(), 8);
        (16..24).for_each(|number| window.refused(number, 24));
        assert_eq!(window.width(), 4);
    }

    #[test]
    fn it_does_not_grow_for_a_few() {
        let mut window = Window::new(16, 64);
        (0..100).for_each(|number| window.answered(number, None, 7, number + 1));
        assert_eq!(window.width(), 16);
        (100..200).for_each(|number| window.answered(number, None, 20, number + 1));
        assert_eq!(window.width(), 42, "as wide as is of use");
        let mut narrowest = Window::new(1, 64);
        narrowest.answered(0, None, 0, 1);
        assert!(narrowest.is_narrowest());
    }

    #[test]
    fn what_gets_no_answer_narrows_it_to_a_floor_and_refusals_to_one() {
        let mut window = Window::new(64, 64);
        (0..20).for_each(|number| window.unanswered(number, number + 1));
        assert_eq!(window.width(), UNREFUSED_MIN);
        (20..40).for_each(|number| window.refused(number, number + 1));
        assert!(window.is_narrowest());
        (40..60).for_each(|number| window.unanswered(number, number + 1));
        assert_eq!(window.width(), 1, "evidence against it never widens it");
    }

    #[test]
    fn latency_that_rises_holds_it_and_cuts_it_only_where_that_is_no_accident() {
        let ms = |ms| Some(Duration::from_millis(ms));
        let mut window = Window::new(16, 64);
        (0..16).for_each(|number| window.answered(number, ms(20), MANY, number + 1));
        assert_eq!(window.width(), 32);
        // Four times as slow: it stays.
        (16..200).for_each(|number| window.answered(number, ms(80 + number), MANY, number + 1));
        let held = window.width();
        assert!((32..40).contains(&held), "{held}");
        // A hundred times as slow: there is a queue over there.
        (200..400).for_each(|number| window.answered(number, ms(3000), MANY, number + 1));
        assert_eq!(window.width(), UNREFUSED_MIN);
        (400..600).for_each(|number| window.answered(number, ms(20), MANY, number + 1));
        assert!(window.width() > 2 * UNREFUSED_MIN, "it recovers: {}", window.width());
    }

    #[test]
    fn it_stays_between_one_and_its_ceiling_and_each_event_moves_it_as_it_may() {
        let event = prop_oneof![
            (0_u64..100_000, 0_usize..200).prop_map(|(ms, waiting)| Event::Answered(ms, waiting)),
            Just(Event::Refused),
            Just(Event::Unanswered),
        ];
        // Requests end late, so that some began before the last cut.
        let events = proptest::collection::vec((event, 0_u64..40), 0..300);
        crate::laws::hold((0_u32..200, 0_u32..200, events), |(begin, ceiling, events)| {
            let mut window = Window::new(begin, ceiling);
            for (next, (event, ago)) in (1_u64..).zip(events) {
                let number = next.saturating_sub(1 + ago);
                let (before, is_news) = (window.width(), window.is_news(number));
                match event {
                    Event::Answered(ms, waiting) => {
                        window.answered(number, Some(Duration::from_millis(ms)), waiting, next);
                    }
                    Event::Refused => window.refused(number, next),
                    Event::Unanswered => window.unanswered(number, next),
                }
                let after = window.width();
                assert!((1..=ceiling.max(1)).contains(&after), "{after}");
                assert!(after <= before + 1 && after >= before / 2, "{before} {event:?} {after}");
                match event {
                    Event::Refused if is_news => assert_eq!(after, (before / 2).max(1)),
                    Event::Unanswered if is_news => assert!(after >= UNREFUSED_MIN.min(before)),
                    Event::Refused | Event::Unanswered => assert_eq!(after, before, "it tells nothing new"),
                    Event::Answered(..) => assert!(after >= UNREFUSED_MIN.min(before)),
                }
            }
            Ok(())
        });
    }
}
