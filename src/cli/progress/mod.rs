//! The progress display: says on stderr what goes on while a run goes on. Samples the meter, and
//! never makes whoever works wait for it.

mod json;
mod plain;
mod screen;
mod speed;
mod summary;
#[cfg(test)]
mod tests;
mod tty;

pub use screen::{Lines, LogWriter, Reader, Screen, Stamp};

use crate::colour::Colour;
use crate::meter::Meter;
use crate::outcome::{Done, Outcome};
use crate::plan::{Entry, TargetEntry};
use std::sync::Arc;
use tokio::time::{Duration, MissedTickBehavior};

/// What the user asks for: `--progress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Choice {
    /// Bars on a terminal outside of a CI, lines everywhere else.
    #[default]
    Auto,
    /// Bars.
    Tty,
    /// A line for each tag that changes, and a sign of life now and then.
    Plain,
    /// JSON, one object a line.
    Json,
    /// Nothing.
    None,
}

/// What is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Bars.
    Tty,
    /// Lines for people.
    Plain,
    /// Lines for programs.
    Json,
    /// Nothing.
    None,
}

/// What stderr is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// A terminal.
    Terminal,
    /// A file, a pipe, or nothing.
    Other,
}

impl Choice {
    /// What to display on such a stderr, in the CI of that name or in none.
    ///
    /// Some CIs pretend to be terminals; their logs keep every frame of a bar.
    pub fn resolve(self, stderr: Stream, ci: Option<&str>) -> Mode {
        match (self, stderr, ci) {
            (Self::Auto, Stream::Terminal, None) | (Self::Tty, ..) => Mode::Tty,
            (Self::Auto, ..) | (Self::Plain, ..) => Mode::Plain,
            (Self::Json, ..) => Mode::Json,
            (Self::None, ..) => Mode::None,
        }
    }
}

/// A display that is on until it is finished or dropped.
#[derive(Debug)]
pub struct Progress {
    display: Arc<Display>,
    ticking: Option<tokio::task::JoinHandle<()>>,
}

#[derive(Debug)]
enum Display {
    Tty(tty::Tty),
    Plain(plain::Plain),
    Json(json::Json),
    None,
}

/// How often bars are redrawn.
const FRAME: Duration = Duration::from_millis(100);
/// How often lines may come.
const LINE: Duration = Duration::from_secs(1);

impl Progress {
    /// Begins to display `meter` on `screen`.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as everything that spawns.
    pub fn start(mode: Mode, meter: Arc<Meter>, screen: &Screen, colour: Colour) -> Self {
        let (display, period) = match mode {
            Mode::Tty => {
                let target = indicatif::ProgressDrawTarget::stderr();
                (Display::Tty(tty::Tty::start(meter, screen.clone(), colour, target)), FRAME)
            }
            Mode::Plain => (Display::Plain(plain::Plain::start(meter, screen.clone(), colour)), LINE),
            Mode::Json => (Display::Json(json::Json::start(meter, screen.clone())), LINE),
            Mode::None => return Self { display: Arc::new(Display::None), ticking: None },
        };
        Self::ticking(display, period)
    }

    fn ticking(display: Display, period: Duration) -> Self {
        let display = Arc::new(display);
        let shown = Arc::clone(&display);
        let ticking = tokio::spawn(async move {
            let mut interval = tokio::time::interval(period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                interval.tick().await;
                match &*shown {
                    Display::Tty(tty) => tty.tick(),
                    Display::Plain(plain) => plain.tick(),
                    Display::Json(json) => json.tick(),
                    Display::None => return,
                }
            }
        });
        Self { display, ticking: Some(ticking) }
    }

    /// Says what became of one target tag.
    pub fn item(&self, entry: &Entry, target: &TargetEntry, outcome: &Outcome) {
        match &*self.display {
            Display::Tty(tty) => tty.item(entry, target, outcome),
            Display::Plain(plain) => plain.item(entry, target, outcome),
            Display::Json(json) => json.item(entry, target, outcome),
            Display::None => (),
        }
    }

    /// Ends the display: bars vanish, a last JSON line comes.
    pub fn finish(self) {
        // Dropping does it.
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(ticking) = self.ticking.take() {
            ticking.abort();
        }
        match &*self.display {
            Display::Tty(tty) => tty.finish(),
            Display::Json(json) => json.finish(),
            Display::Plain(_) | Display::None => (),
        }
    }
}

/// Whether a line for people tells of it while the run goes on: what is current is not worth one,
/// and what is deferred comes in one piece at the end.
fn is_news(outcome: &Outcome) -> bool {
    match outcome.result {
        Done::Created | Done::Updated | Done::Refused(_) | Done::Failed(_) => true,
        Done::Current | Done::Deferred(_) => false,
    }
}
