//! Progress as lines for people: one for each target tag that changes, and a sign of life when
//! nothing was said for a while. Some CIs end what is silent for ten minutes.

use super::screen::Screen;
use super::speed::Speed;
use super::{is_news, summary::summary};
use crate::colour::Colour;
use crate::meter::Meter;
use crate::outcome::Outcome;
use crate::plan::{Entry, TargetEntry};
use crate::report::item_line;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::{Duration, Instant};

/// How long it may be quiet.
const QUIET_MAX: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Plain {
    meter: Arc<Meter>,
    screen: Screen,
    colour: Colour,
    pulse: Mutex<Pulse>,
}

#[derive(Debug)]
struct Pulse {
    speed: Speed,
    writes_seen: u64,
    quiet_since: Instant,
}

impl Plain {
    pub(super) fn start(meter: Arc<Meter>, screen: Screen, colour: Colour) -> Self {
        let pulse =
            Pulse { speed: Speed::default(), writes_seen: screen.writes(), quiet_since: Instant::now() };
        Self { meter, screen, colour, pulse: Mutex::new(pulse) }
    }

    pub(super) fn item(&self, entry: &Entry, target: &TargetEntry, outcome: &Outcome) {
        if is_news(outcome) {
            self.screen.line(&item_line(entry, target, outcome, self.colour));
        }
    }

    pub(super) fn tick(&self) {
        let mut pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let sample = self.meter.sample();
        let bytes_per_second = pulse.speed.bytes_per_second(now, sample.bytes_done);
        if pulse.writes_seen != self.screen.writes() {
            pulse.writes_seen = self.screen.writes();
            pulse.quiet_since = now;
        } else if now.duration_since(pulse.quiet_since) >= QUIET_MAX {
            self.screen.line(&summary(&sample, bytes_per_second));
            pulse.writes_seen = self.screen.writes();
            pulse.quiet_since = now;
        }
    }
}
