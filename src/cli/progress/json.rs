//! Progress as JSON, one object a line, for programs. `docs/report.md` has the format.

use super::screen::Screen;
use super::speed::Speed;
use crate::meter::{Discovery, Meter, Sample};
use crate::outcome::Outcome;
use crate::plan::{Entry, TargetEntry};
use crate::report::{ItemEvent, escape};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

#[derive(Debug)]
pub(super) struct Json {
    meter: Arc<Meter>,
    screen: Screen,
    last: Mutex<(Speed, Option<Sample>)>,
}

/// One line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Event<'a> {
    /// The first line.
    Start { schema_version: &'a str },
    /// One target tag is finished.
    Item(ItemEvent<'a>),
    /// How far the run is; at most one a second, and only when something moved.
    Progress {
        entries_done: u64,
        entries_found: u64,
        discovery_finished: bool,
        bytes_done: u64,
        bytes_expected: u64,
        bytes_per_second: u64,
        blobs_in_flight: u64,
    },
}

/// The version of the format: minor versions only add.
const VERSION: &str = "1.0";

impl Json {
    pub(super) fn start(meter: Arc<Meter>, screen: Screen) -> Self {
        let json = Self { meter, screen, last: Mutex::default() };
        json.say(&Event::Start { schema_version: VERSION });
        json
    }

    pub(super) fn item(&self, entry: &Entry, target: &TargetEntry, outcome: &Outcome) {
        self.say(&Event::Item(ItemEvent::of(entry, target, outcome)));
    }

    pub(super) fn tick(&self) {
        let sample = self.meter.sample();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes_per_second = last.0.bytes_per_second(Instant::now(), sample.bytes_done);
        if last.1 != Some(sample) {
            last.1 = Some(sample);
            self.progress(&sample, bytes_per_second);
        }
    }

    /// Says how far it came in the end, unless that was said.
    pub(super) fn finish(&self) {
        self.tick();
    }

    fn progress(&self, sample: &Sample, bytes_per_second: u64) {
        let Sample { entries_found, entries_done, discovery, bytes_expected, bytes_done, blobs_in_flight } =
            *sample;
        self.say(&Event::Progress {
            entries_done,
            entries_found,
            discovery_finished: discovery == Discovery::Finished,
            bytes_done,
            bytes_expected,
            bytes_per_second,
            blobs_in_flight,
        });
    }

    fn say(&self, event: &Event<'_>) {
        let line = serde_json::to_string(event).expect("text and numbers always serialise");
        self.screen.line(&escape::json(&line));
    }
}
