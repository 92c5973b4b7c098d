//! All lanes of one registry: whether a request may start, and what follows from what became of it.
//! Decides only; time is an argument. Who waits is not known here.

use super::allowance::{Allowance, Announced};
use super::lane::{ALL_DEFAULT, Lane};
use super::lesson::Lesson;
use super::pace::Pace;
use super::window::Window;
use crate::access::Limits;
use crate::store::registry::pause::Refusal;
use crate::store::registry::profile::Ceiling;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::time::Duration;
use tokio::time::Instant;

/// The lanes of one registry.
#[derive(Debug)]
pub(super) struct Lanes {
    lanes: [Marked; Lane::ALL.len()],
    /// Requests under way of all lanes together, and how many may be.
    out: u32,
    out_max: u32,
    /// The number of the next request.
    next: u64,
    /// What the spec allows to start in a second.
    chosen: Option<DefaultDirectRateLimiter>,
    /// What the registry is documented to take, of all lanes together.
    pace: Option<Pace>,
    allowance: Option<Allowance>,
    paused_until: Option<Instant>,
}

/// One lane.
#[derive(Debug)]
struct Marked {
    out: u32,
    out_max: u32,
    window: Window,
    pace: Option<Pace>,
    lesson: Lesson,
    held_until: Option<Instant>,
}

/// Why a request may not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bar {
    /// Another has to end first.
    Full,
    /// Time has to pass.
    Until(Instant),
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was answered, and not refused, after so long.
    Answered(Duration),
    /// It was refused for now.
    Refused(Refusal),
    /// It got no answer.
    Unanswered,
}

impl Lanes {
    pub(super) fn new(limits: &Limits, ceilings: &[Ceiling]) -> Self {
        let chosen = limits.concurrent_requests.map(u32::from);
        let out_max = chosen.unwrap_or(ALL_DEFAULT).max(2);
        let marked = |lane: Lane| {
            let breadth = lane.breadth(chosen);
            Marked {
                out: 0,
                // An upload holds its turn while it waits for the source's turn. When source and target
                // are one registry, uploads alone could take every turn and wait for each other for
                // ever; so one turn is always left for requests that wait for nobody.
                out_max: if lane == Lane::Upload { out_max - 1 } else { out_max },
                window: Window::new(breadth.begin, breadth.ceiling),
                pace: slowest(ceilings, Some(lane)),
                lesson: Lesson::default(),
                held_until: None,
            }
        };
        Self {
            lanes: Lane::ALL.map(marked),
            out: 0,
            out_max,
            next: 0,
            chosen: limits.requests_per_second.map(|n| RateLimiter::direct(Quota::per_second(n))),
            pace: slowest(ceilings, None),
            allowance: None,
            paused_until: None,
        }
    }

    /// Whether a request of `lane` may start now. The rate of the spec is asked last, by [`Self::start`].
    ///
    /// # Errors
    /// Why it may not.
    pub(super) fn may_start(&self, lane: Lane, now: Instant) -> Result<(), Bar> {
        let marked = &self.lanes[lane as usize];
        if self.out >= self.out_max || marked.out >= marked.out_max || marked.out >= marked.window.width() {
            return Err(Bar::Full);
        }
        self.is_due(lane, now)
    }

    fn is_due(&self, lane: Lane, now: Instant) -> Result<(), Bar> {
        let marked = &self.lanes[lane as usize];
        let paces = [marked.pace.as_ref().and_then(Pace::due), self.pace.as_ref().and_then(Pace::due)];
        let holds = [marked.lesson.due(), marked.held_until, self.paused_until];
        let allowed = self.allowance.as_ref().and_then(|allowance| allowance.due(now));
        match paces.into_iter().chain(holds).flatten().chain(allowed).max() {
            Some(due) if due > now => Err(Bar::Until(due)),
            _ => Ok(()),
        }
    }

    /// Starts a request, which may start, and gives it its number.
    ///
    /// # Errors
    /// The rate of the spec is reached; nothing was started.
    pub(super) fn start(&mut self, lane: Lane, now: Instant) -> Result<u64, Bar> {
        let number = self.again(lane, now)?;
        self.lanes[lane as usize].out += 1;
        self.out += 1;
        Ok(number)
    }

    /// Starts another request in the place of one that is over, and gives it its number.
    ///
    /// # Errors
    /// Time has to pass; nothing was started.
    pub(super) fn again(&mut self, lane: Lane, now: Instant) -> Result<u64, Bar> {
        self.is_due(lane, now)?;
        if let Some(Err(not_until)) = self.chosen.as_ref().map(RateLimiter::check) {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            return Err(Bar::Until(now + wait));
        }
        let marked = &mut self.lanes[lane as usize];
        marked.lesson.started(now);
        for pace in marked.pace.iter_mut().chain(&mut self.pace) {
            pace.started(now);
        }
        if let Some(allowance) = &mut self.allowance {
            allowance.started(now);
        }
        self.next += 1;
        Ok(self.next - 1)
    }

    /// Notes that a request is over, whatever became of it.
    pub(super) fn end(&mut self, lane: Lane) {
        self.lanes[lane as usize].out -= 1;
        self.out -= 1;
    }

    /// Draws the conclusions from what became of request `number`; `waiting` others of its
    /// lane stand in line.
    pub(super) fn conclude(&mut self, lane: Lane, number: u64, fate: Fate, waiting: usize, now: Instant) {
        let next = self.next;
        let Marked { window, lesson, .. } = &mut self.lanes[lane as usize];
        match fate {
            Fate::Answered(latency) => {
                window.answered(number, lane.is_short().then_some(latency), waiting, next);
                lesson.answered(now);
            }
            Fate::Refused(refusal) => {
                // Overload is a matter of requests at once; only where one at a time is too much, of a
                // rate. Refusals that belong together teach once.
                let of_rate = refusal == Refusal::TooMany || window.is_narrowest();
                if of_rate && window.is_news(number) {
                    lesson.refused(now);
                }
                window.refused(number, next);
            }
            Fate::Unanswered => window.unanswered(number, next),
        }
    }

    /// Takes what an answer announced into account.
    pub(super) fn announced(&mut self, announced: Announced, now: Instant) {
        let others = u64::from(self.out.saturating_sub(1));
        if let Some(allowance) = Allowance::new(announced, others, now) {
            self.allowance = Some(allowance);
        }
    }

    /// Holds one lane back, or longer where that is so already.
    pub(super) fn hold(&mut self, lane: Lane, until: Instant) {
        let held_until = &mut self.lanes[lane as usize].held_until;
        *held_until = (*held_until).max(Some(until));
    }

    /// Holds all lanes back for `pause`, or longer where that is so already; returns by how much the
    /// pause grew.
    pub(super) fn pause(&mut self, pause: Duration, now: Instant) -> Duration {
        let before = self.paused_until.map_or(now, |until| until.max(now));
        let until = before.max(now + pause);
        self.paused_until = Some(until);
        until - before
    }
}

/// The slowest of the ceilings for `lane`.
fn slowest(ceilings: &[Ceiling], lane: Option<Lane>) -> Option<Pace> {
    let for_lane = ceilings.iter().filter(|ceiling| ceiling.lane == lane);
    let rates = for_lane.map(|ceiling| f64::from(ceiling.requests) / f64::from(ceiling.seconds));
    rates.reduce(f64::min).map(Pace::per_second)
}
