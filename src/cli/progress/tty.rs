//! Progress as a bar at the foot of a terminal; what changes scrolls by above it.

use super::screen::Screen;
use super::speed::Speed;
use super::{is_news, summary::summary};
use crate::colour::Colour;
use crate::meter::Meter;
use crate::outcome::Outcome;
use crate::plan::{Entry, TargetEntry};
use crate::report::item_line;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

#[derive(Debug)]
pub(super) struct Tty {
    meter: Arc<Meter>,
    screen: Screen,
    colour: Colour,
    bars: MultiProgress,
    overall: ProgressBar,
    speed: Mutex<Speed>,
}

impl Tty {
    pub(super) fn start(
        meter: Arc<Meter>,
        screen: Screen,
        colour: Colour,
        target: ProgressDrawTarget,
    ) -> Self {
        let bars = MultiProgress::with_draw_target(target);
        let style = ProgressStyle::with_template("{spinner} [{bar:20}] {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        let overall = bars.add(ProgressBar::new(1).with_style(style));
        screen.set_bars(Some(bars.clone()));
        Self { meter, screen, colour, bars, overall, speed: Mutex::default() }
    }

    pub(super) fn item(&self, entry: &Entry, target: &TargetEntry, outcome: &Outcome) {
        if is_news(outcome) {
            self.screen.line(&item_line(entry, target, outcome, self.colour));
        }
    }

    pub(super) fn tick(&self) {
        let sample = self.meter.sample();
        let mut speed = self.speed.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes_per_second = speed.bytes_per_second(Instant::now(), sample.bytes_done);
        drop(speed);
        // A bar of no length would be drawn full.
        self.overall.set_length(sample.entries_found.max(1));
        self.overall.set_position(sample.entries_done);
        self.overall.set_message(summary(&sample, bytes_per_second));
        self.overall.tick();
    }

    pub(super) fn finish(&self) {
        self.overall.finish_and_clear();
        // What a dead terminal says to that helps nobody.
        let _ = self.bars.clear();
        self.screen.set_bars(None);
    }
}
