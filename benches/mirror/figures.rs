//! All figures of a measurement, as they are written down.

use crate::Fallible;
use crate::beds::asked::Asked;
use crate::program::Took;
use serde::Serialize;
use std::path::Path;

/// What a run may have, whatever the size of a layer: the promise of `docs/performance.md`.
pub(crate) const RSS_KIB_MAX: u64 = 64 * 1024;

#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    cores: usize,
    processor: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) filters: Vec<FilterRow>,
}

/// What one filter costs. Times are medians.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FilterRow {
    pub(crate) filter: String,
    pub(crate) language: String,
    pub(crate) size_bytes: u64,
    /// Tags of the one call.
    pub(crate) tags: u32,
    pub(crate) compile_ms: f64,
    /// Out of a cache.
    pub(crate) cached_ms: f64,
    pub(crate) call_ms: f64,
    pub(crate) fuel: u64,
    pub(crate) memory_bytes: u64,
}

/// One contestant doing one thing.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) measurement: String,
    pub(crate) contestant: String,
    /// Which registries, where there is a choice.
    pub(crate) bed: Option<String>,
    /// By how much each answer was held back.
    pub(crate) latency_ms: Option<u64>,
    /// Medians, each on its own.
    pub(crate) took: Took,
    /// Every run.
    pub(crate) runs: Vec<Took>,
    /// The requests of the run that made most of them.
    pub(crate) source: Asked,
    pub(crate) target: Asked,
    /// The most memory that it may have, in KiB.
    pub(crate) rss_kib_max: Option<u64>,
}

impl Figures {
    pub(crate) fn of_this_machine() -> Self {
        let described = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = described.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: name.map_or("unknown", |(_, name)| name).to_owned(),
            rows: Vec::new(),
            filters: Vec::new(),
        }
    }

    pub(crate) fn write(&self, path: &Path) -> Fallible<()> {
        Ok(std::fs::write(path, serde_json::to_string_pretty(self)?)?)
    }

    /// Says which runs had more memory than they may.
    pub(crate) fn too_much_memory(&self) -> bool {
        let mut found = false;
        for row in &self.rows {
            let most = row.runs.iter().map(|run| run.peak_rss_kib).max().unwrap_or(0);
            if let Some(max) = row.rss_kib_max.filter(|max| most > *max) {
                eprintln!(
                    "error: {}, {}: {} MiB of memory, more than {} MiB",
                    row.measurement,
                    row.contestant,
                    most / 1024,
                    max / 1024
                );
                found = true;
            }
        }
        found
    }
}

impl Row {
    pub(crate) fn new(measurement: &str, contestant: &str) -> Self {
        let took = Took { wall_ms: 0.0, cpu_ms: 0.0, system_ms: 0.0, peak_rss_kib: 0 };
        Self {
            measurement: measurement.to_owned(),
            contestant: contestant.to_owned(),
            bed: None,
            latency_ms: None,
            took,
            runs: Vec::new(),
            source: Asked::default(),
            target: Asked::default(),
            rss_kib_max: None,
        }
    }

    /// What was measured, and where.
    pub(crate) fn title(&self) -> String {
        let bed = self.bed.as_ref().map(|bed| format!("; {bed}"));
        let latency = self.latency_ms.map(|latency_ms| format!(", {latency_ms} ms"));
        format!("{}{}{}", self.measurement, bed.unwrap_or_default(), latency.unwrap_or_default())
    }

    /// Takes another run in; the medians follow.
    pub(crate) fn add(&mut self, run: Took) {
        self.runs.push(run);
        self.took = Took {
            wall_ms: median(self.runs.iter().map(|run| run.wall_ms)),
            cpu_ms: median(self.runs.iter().map(|run| run.cpu_ms)),
            system_ms: median(self.runs.iter().map(|run| run.system_ms)),
            peak_rss_kib: median(self.runs.iter().map(|run| run.peak_rss_kib as f64)) as u64,
        };
    }

    /// Takes the requests of a run in.
    pub(crate) fn asked(&mut self, source: Asked, target: Asked) {
        if source.total() + target.total() > self.source.total() + self.target.total() {
            (self.source, self.target) = (source, target);
        }
    }

    /// The median of the ratios to what another took in the same round: the machine may be busier in
    /// one round than in the next. None where the other took too little to be measured.
    pub(crate) fn ratio(&self, other: &Self, of: fn(&Took) -> f64) -> Option<f64> {
        let rounds = self.runs.iter().zip(&other.runs).filter(|(_, other)| of(other) > 0.0);
        let ratios: Vec<f64> = rounds.map(|(mine, other)| of(mine) / of(other)).collect();
        (!ratios.is_empty()).then(|| median(ratios.into_iter()))
    }
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
