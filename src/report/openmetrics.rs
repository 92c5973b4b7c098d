//! The numbers of a run for whoever watches many of them: OpenMetrics, and the older text format of
//! Prometheus. No label holds a tag, so that there are as many series as there are registries.

use super::dotenv::drifted;
use super::escape;
use super::exit::{Exit, exit_code};
use super::run::{RegistryUse, Run};
use super::stamp::{seconds, unix_seconds};
use super::text::moved;
use super::verdict::{Counts, Judged};
use crate::outcome::Tally;
use std::fmt::{Display, Write as _};

/// The two text formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// OpenMetrics 1.0, which ends with `# EOF`.
    OpenMetrics,
    /// The text format 0.0.4 of Prometheus, as its node exporter reads it from files.
    Prometheus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gauge,
    Counter,
}

/// The numbers of a run.
pub fn render(run: &Run, dialect: Dialect) -> String {
    let mut page = Page { text: String::new(), dialect, common: common(run), head: String::new() };
    times(&mut page, run);
    images(&mut page, run);
    registries(&mut page, run);
    transfers(&mut page, run);
    if dialect == Dialect::OpenMetrics {
        page.text.push_str("# EOF\n");
    }
    page.text
}

fn times(page: &mut Page, run: &Run) {
    let finished = unix_seconds(run.finished_at);
    let name = "crossdock_run_timestamp_seconds";
    page.family(name, Kind::Gauge, "When the run ended.").sample(name, &[], &finished);
    if exit_code(run) == Exit::Ok {
        let name = "crossdock_last_success_timestamp_seconds";
        page.family(name, Kind::Gauge, "When the run ended, if it ended with 0.").sample(
            name,
            &[],
            &finished,
        );
    }
    let name = "crossdock_run_duration_seconds";
    let duration = seconds(run.duration().as_millis());
    page.family(name, Kind::Gauge, "How long the run took.").sample(name, &[], &duration);
}

fn images(page: &mut Page, run: &Run) {
    let name = "crossdock_images";
    page.family(name, Kind::Gauge, "Target tags by what became of them.");
    for (outcome, count) in by_outcome(run) {
        page.sample(name, &[("outcome", outcome)], count);
    }
    let name = "crossdock_drift_images";
    page.family(name, Kind::Gauge, "Target tags that were absent or stale when they were looked at.");
    page.sample(name, &[], drifted(run));
    let Tally { bytes_copied, bytes_mounted, bytes_present, .. } = tally(run);
    let name = "crossdock_bytes_total";
    page.family(name, Kind::Counter, "Bytes of blobs by the way that they came to the targets.");
    for (way, bytes) in [("copied", bytes_copied), ("mounted", bytes_mounted), ("reused", bytes_present)] {
        page.sample(name, &[("way", way)], bytes);
    }
}

fn registries(page: &mut Page, run: &Run) {
    let mut registries: Vec<&RegistryUse> = run.registries.iter().collect();
    registries.sort_by(|one, other| one.host.cmp(&other.host));
    // One host may have several accounts, and a series must not be there twice.
    registries.dedup_by(|next, kept| next.host == kept.host);
    let sum = |host: &str, of: fn(&RegistryUse) -> u64| -> u64 {
        run.registries.iter().filter(|registry| registry.host == host).map(of).sum()
    };
    let name = "crossdock_requests_total";
    page.family(name, Kind::Counter, "Requests, retries included.");
    for RegistryUse { host, .. } in &registries {
        page.sample(name, &[("host", host)], sum(host, |registry| registry.requests));
    }
    let name = "crossdock_retries_total";
    page.family(name, Kind::Counter, "Requests that were made again.");
    page.sample(name, &[], run.registries.iter().map(|registry| registry.retries).sum::<u64>());
    let name = "crossdock_throttled_total";
    page.family(name, Kind::Counter, "How often a registry asked us to slow down.");
    for RegistryUse { host, .. } in &registries {
        page.sample(name, &[("host", host)], sum(host, |registry| registry.throttled));
    }
    let name = "crossdock_rate_limit_remaining";
    page.family(name, Kind::Gauge, "Requests that are left, as the registry last said.");
    for RegistryUse { host, .. } in &registries {
        let of_host = run.registries.iter().filter(|registry| registry.host == *host);
        if let Some(left) =
            of_host.filter_map(|registry| registry.rate_limit).map(|limit| limit.remaining).min()
        {
            page.sample(name, &[("host", host)], left);
        }
    }
}

/// The names by which another tool for mirrors tells the same.
fn transfers(page: &mut Page, run: &Run) {
    let all: u64 = by_outcome(run).iter().map(|(_, count)| count).sum();
    let failed = Counts::of(run).failed;
    let name = "image_transfer_tasks_total";
    page.family(name, Kind::Counter, "Target tags of the run.").sample(name, &[], all);
    let name = "image_transfer_bytes_transferred";
    page.family(name, Kind::Gauge, "Bytes of blobs that were copied.");
    page.sample(name, &[], tally(run).bytes_copied);
    let name = "image_transfer_error_rate";
    // Millionths, so that no float decides how it is written.
    let rate = (u128::from(failed) * 1_000_000).checked_div(u128::from(all)).unwrap_or(0);
    let rate = format!("{}.{:06}", rate / 1_000_000, rate % 1_000_000);
    page.family(name, Kind::Gauge, "The share of target tags that failed, from 0 to 1.").sample(
        name,
        &[],
        rate,
    );
}

fn by_outcome(run: &Run) -> [(&'static str, u64); 8] {
    let Counts { created, updated, current, refused, deferred, failed, pending, dropped } = Counts::of(run);
    [
        ("created", created),
        ("updated", updated),
        ("current", current),
        ("refused", refused),
        ("deferred", deferred),
        ("failed", failed),
        ("pending", pending),
        ("dropped", dropped),
    ]
}

fn tally(run: &Run) -> Tally {
    moved(&run.verdicts().collect::<Vec<Judged<'_>>>())
}

/// The labels of every series: several specs and commands may write files side by side.
fn common(run: &Run) -> String {
    let spec = run.spec_path().unwrap_or_default();
    format!("spec=\"{}\",command=\"{}\"", label(spec), run.command.as_str())
}

/// The value of a label: one line, in which no quote ends it.
fn label(value: impl Display) -> String {
    escape::foreign(value).replace('\\', "\\\\").replace('"', "\\\"")
}

struct Page {
    text: String,
    dialect: Dialect,
    common: String,
    /// What the samples that follow are; written with the first of them, so that there is none without.
    head: String,
}

impl Page {
    /// Says what the samples that follow are.
    fn family(&mut self, name: &str, kind: Kind, help: &'static str) -> &mut Self {
        // In OpenMetrics the name of a counter is that of its samples without their ending.
        let name = match self.dialect {
            Dialect::OpenMetrics => name.strip_suffix("_total").unwrap_or(name),
            Dialect::Prometheus => name,
        };
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        self.head = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
        self
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) -> &mut Self {
        self.text.push_str(&std::mem::take(&mut self.head));
        let _ = write!(self.text, "{name}{{{}", self.common);
        for (key, text) in labels {
            let _ = write!(self.text, ",{key}=\"{}\"", label(text));
        }
        let _ = writeln!(self.text, "}} {value}");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::tests::hostile;
    use crate::report::{Command, sample};
    use proptest::prelude::*;

    #[test]
    fn only_a_run_that_ended_well_has_a_time_of_success() {
        for (letters, expected) in [("+=", true), ("=", true), ("+f", false), ("P", false), ("+d", false)] {
            let text = render(&sample::of(Command::Sync, letters), Dialect::OpenMetrics);
            assert_eq!(text.contains("\ncrossdock_last_success_timestamp_seconds{"), expected, "{letters}");
        }
        let text = render(&sample::of(Command::Check, "?"), Dialect::OpenMetrics);
        assert!(
            !text.contains("last_success")
                && text.contains("crossdock_drift_images{spec=\"crossdock.yaml\",command=\"check\"} 1\n"),
            "{text}"
        );
    }

    #[test]
    fn a_host_with_two_accounts_has_one_series() {
        let mut run = sample::full_run(Command::Sync);
        run.registries.extend(run.registries.clone());
        let text = render(&run, Dialect::Prometheus);
        let hub: Vec<&str> = text.lines().filter(|line| line.contains("host=\"docker.io\"")).collect();
        assert_eq!(hub.len(), 3, "{text}");
        assert!(hub[0].ends_with(" 40") && hub[2].ends_with(" 187"), "{hub:?}");
    }

    proptest! {
        #[test]
        fn foreign_text_stays_in_its_label(texts in prop::collection::vec(hostile_label(), 8)) {
            let plain = sample::full_run(Command::Sync);
            let mut run = sample::with_texts(plain.clone(), &texts);
            run.registries[0].host = texts[0].clone();
            for dialect in [Dialect::OpenMetrics, Dialect::Prometheus] {
                let text = render(&run, dialect);
                // A host of the two may now be the other one's, or have no name; the rest is as it was.
                prop_assert_eq!(text.lines().count(), render(&plain, dialect).lines().count());
                for line in text.lines().filter(|line| !line.starts_with('#')) {
                    prop_assert!(whole(line), "{line}");
                }
            }
        }
    }

    fn hostile_label() -> impl Strategy<Value = String> {
        let pieces = ["\"", "\\", "\\\"", "} 1\n", "\"} 1\nfake 2\n", "# EOF\n", ","];
        let piece = prop_oneof![prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), hostile()];
        prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
    }

    /// Whether a line is a name, labels whose quotes match, and a number.
    fn whole(line: &str) -> bool {
        let Some((name, rest)) = line.split_once('{') else { return false };
        let (mut quoted, mut escaped) = (false, false);
        for (at, c) in rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = !quoted,
                '}' if !quoted => {
                    let value = rest[at + 1..].trim_start();
                    return value.parse::<f64>().is_ok()
                        && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                }
                _ => (),
            }
        }
        false
    }
}
