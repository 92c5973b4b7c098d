//! A pace that is learnt: from the rate at which a lane was refused. Decides only; time is an argument.
//!
//! A window says how many requests are under way, and cannot slow a lane below one at a time. Where a
//! registry counts requests a second, only a pace keeps to that.

use super::pace::Pace;
use tokio::time::Instant;

/// A rate is taken over about so many seconds: limits are of a second or of more.
const MEASURED_SECONDS: f64 = 1.0;
/// The learnt pace is this part of the rate at which the lane was refused,
const PART: f64 = 0.95;
/// or of the pace, where it was refused again after no more than so many answers.
const SOON: (u32, f64) = (4, 0.7);
/// From so many answers on, their mean rate since the last refusal is what the registry really takes:
/// whatever it had in store at the one refusal was used up, and is used up again.
const MEAN_FROM: u32 = 50;
/// Where less than this part of the rate of late was achieved on the whole, the lane rested in between.
const RESTED_PART: f64 = 0.8;
/// The slowest pace, in requests a second: what allows less counts for hours, and is no matter of paces.
const RATE_MIN: f64 = 1.0;
/// The fastest pace: beyond, there is none.
const RATE_MAX: f64 = 1000.0;
/// A pace doubles over at least and at most so many answers. At the most, one request of two hundred is
/// refused while a pace is right.
const PATIENCE_RANGE: (u32, u32) = (4, 800);
/// Patience is the square of the answers between two refusals, so many times: a pace that was learnt from
/// few answers is a guess, and is tried again soon.
const PATIENCE_TIMES: u32 = 4;
/// Where a pace doubled and nothing was refused, patience is divided by this: the limit is gone.
const LOST_PATIENCE: u32 = 8;

/// What a lane has learnt of its rate.
#[derive(Debug, Default)]
pub(super) struct Lesson {
    /// Answers of late, each counting less with the time.
    achieved: f64,
    noted: Option<Instant>,
    /// Answers since the last refusal, and when that was.
    since_refused: u32,
    refused_at: Option<Instant>,
    learnt: Option<Learnt>,
}

#[derive(Debug)]
struct Learnt {
    rate: f64,
    answers: u32,
    patience: u32,
    pace: Pace,
}

impl Lesson {
    /// When the next request may start; none when it may at once.
    pub(super) fn due(&self) -> Option<Instant> {
        self.learnt.as_ref()?.pace.due()
    }

    /// Notes that a request starts.
    pub(super) fn started(&mut self, now: Instant) {
        if let Some(learnt) = &mut self.learnt {
            learnt.pace.started(now);
        }
    }

    /// Notes an answer that was no refusal. The pace creeps up: slowly at first, then faster, until it is
    /// so fast that it is forgotten.
    pub(super) fn answered(&mut self, now: Instant) {
        self.achieved = self.achieved(now) + MEASURED_SECONDS.recip();
        self.noted = Some(now);
        self.since_refused = self.since_refused.saturating_add(1);
        if let Some(learnt) = &mut self.learnt {
            learnt.creep();
        }
        self.learnt.take_if(|learnt| learnt.rate > RATE_MAX);
    }

    /// Notes a refusal; only one of those that belong together.
    pub(super) fn refused(&mut self, now: Instant) {
        let (achieved, answers) = (self.achieved(now), self.since_refused);
        let seconds = self.refused_at.map_or(0.0, |then| now.duration_since(then).as_secs_f64());
        let rate = match &self.learnt {
            None => achieved * PART,
            Some(learnt) if answers >= MEAN_FROM => {
                let mean = (f64::from(answers) / seconds).max(achieved * RESTED_PART);
                learnt.present().min(mean) * PART
            }
            Some(learnt) if answers <= SOON.0 => learnt.present() * SOON.1,
            Some(learnt) => learnt.present() * PART,
        };
        let rate = rate.max(RATE_MIN);
        let patience = answers.saturating_pow(2).saturating_mul(PATIENCE_TIMES);
        let patience = patience.clamp(PATIENCE_RANGE.0, PATIENCE_RANGE.1);
        let mut pace = Pace::per_second(rate);
        pace.started(now);
        self.learnt = Some(Learnt { rate, answers: 0, patience, pace });
        (self.since_refused, self.refused_at) = (0, Some(now));
    }

    /// Answers a second, of late.
    fn achieved(&self, now: Instant) -> f64 {
        let rest = self.noted.map_or(0.0, |noted| now.duration_since(noted).as_secs_f64());
        self.achieved * (-rest / MEASURED_SECONDS).exp()
    }
}

impl Learnt {
    /// The rate by now: twice the learnt one when patience is at its end.
    fn present(&self) -> f64 {
        self.rate * (1.0 + (f64::from(self.answers) / f64::from(self.patience)).powi(2))
    }

    fn creep(&mut self) {
        self.answers += 1;
        self.pace.change(self.present());
        if self.answers >= self.patience {
            self.rate = self.present();
            self.answers = 0;
            self.patience = (self.patience / LOST_PATIENCE).max(PATIENCE_RANGE.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Answers at `rate` for a while; returns the time after it.
    fn answers(lesson: &mut Lesson, begin: Instant, count: u32, rate: f64) -> Instant {
        let at = |number: u32| begin + Duration::from_secs_f64(f64::from(number) / rate);
        (1..=count).for_each(|number| lesson.answered(at(number)));
        at(count)
    }

    fn rate(lesson: &Lesson) -> f64 {
        lesson.learnt.as_ref().map_or(f64::INFINITY, Learnt::present)
    }

    #[test]
    fn the_rate_at_which_a_lane_is_refused_becomes_its_pace() {
        for (count, taken_at) in [(10, 1000.0), (100, 10.0)] {
            let mut lesson = Lesson::default();
            let now = answers(&mut lesson, Instant::now(), count, taken_at);
            assert_eq!(lesson.due(), None);
            lesson.refused(now);
            let rate = rate(&lesson);
            assert!((8.5..10.5).contains(&rate), "ten in a second, all at once or not: {rate}");
            assert!(lesson.due().is_some_and(|due| due > now + Duration::from_millis(90)));
        }
    }

    #[test]
    fn a_pace_creeps_up_is_lowered_a_little_and_is_forgotten_when_nothing_is_refused() {
        let mut lesson = Lesson::default();
        let mut now = answers(&mut lesson, Instant::now(), 100, 10.0);
        lesson.refused(now);
        let first = rate(&lesson);
        now = answers(&mut lesson, now, 100, 10.0);
        let crept = rate(&lesson);
        assert!(crept > first * 1.01 && crept < first * 1.1, "{first} {crept}");
        lesson.refused(now);
        assert!(rate(&lesson) < crept && rate(&lesson) > crept * 0.9);
        answers(&mut lesson, now, 1200, 10.0);
        assert_eq!(lesson.due(), None, "forgotten");
    }

    #[test]
    fn a_lane_that_was_refused_out_of_nothing_is_soon_as_fast_as_before() {
        let mut lesson = Lesson::default();
        let mut now = Instant::now();
        lesson.refused(now);
        assert!(rate(&lesson) >= RATE_MIN);
        let mut waited = Duration::ZERO;
        while let Some(due) = lesson.due() {
            waited += due.saturating_duration_since(now);
            now = now.max(due);
            lesson.started(now);
            lesson.answered(now);
        }
        assert!(waited < Duration::from_secs(10), "{waited:?}");
    }
}
