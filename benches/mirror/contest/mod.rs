//! All contestants mirror the same in turns: each scenario, with each kind of registries, over short
//! and long wires.

mod contestant;

use crate::arguments::{Arguments, Part};
use crate::beds::delay::{self, Delay};
use crate::beds::{Bed, Filled, Served};
use crate::corpus::{Corpus, Manifest, at_source};
use crate::figures::{Figures, RSS_KIB_MAX, Row};
use crate::program::Bench;
use crate::scenario::{SCENARIOS, Scenario};
use crate::wire::{self, accepting, all};
use crate::{Fallible, table};
use contestant::Contestant;
pub(crate) use contestant::spec;
use reqwest::StatusCode;

const MIB: u64 = 1 << 20;

/// What stays the same for all runs of a scenario.
struct Contest<'a> {
    bench: &'a Bench,
    arguments: &'a Arguments,
    scenario: &'a Scenario,
    corpus: Corpus,
    before: Option<Corpus>,
}

/// Where one run takes place.
struct Place<'a> {
    source: &'a Served,
    target: &'a Served,
    latency_ms: u64,
}

/// Hosts with ports, as the contestants are told them.
struct Hosts {
    source: String,
    target: String,
}

pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let chosen: Vec<_> = SCENARIOS.iter().filter(|scenario| arguments.measures(scenario.part)).collect();
    if !chosen.is_empty() && arguments.latency_ms.iter().any(|latency_ms| *latency_ms > 0) {
        delay::check().await?;
    }
    for scenario in chosen {
        let corpus = (scenario.corpus)(arguments.scale);
        let before = scenario.before.map(|before| before(arguments.scale));
        let contest = Contest { bench, arguments, scenario, corpus, before };
        for bed in &arguments.bed {
            contest.on(*bed, figures).await?;
        }
        if scenario.part == Part::Large {
            contest.hash(figures).await?;
        }
    }
    Ok(())
}

impl Contest<'_> {
    async fn on(&self, bed: Bed, figures: &mut Figures) -> Fallible<()> {
        let place = &self.bench.content;
        let source = Filled::with(bed, &self.corpus, at_source, place).await?.serve()?;
        let nothing = Corpus::default();
        let before = self.before.as_ref().unwrap_or(&nothing);
        let targets = Filled::with(bed, before, str::to_owned, place).await?;
        for latency_ms in &self.arguments.latency_ms {
            let contestants = contestant::all(self.arguments, self.scenario, bed);
            let mut rows: Vec<Row> = contestants.iter().map(|one| self.row(*one, bed, *latency_ms)).collect();
            for round in 0..self.arguments.repetitions {
                for turn in 0..contestants.len() {
                    // Each goes first as often as the others.
                    let number = (turn + round) % contestants.len();
                    if round >= contestants[number].rounds(self.arguments) {
                        continue;
                    }
                    let target = targets.fresh(place).await?;
                    let place = Place { source: &source, target: &target, latency_ms: *latency_ms };
                    self.run(contestants[number], &place, &mut rows[number]).await?;
                    let name = contestants[number].name();
                    let whole = self.check(&target).await;
                    whole.map_err(|why| format!("{name} left something out: {why}"))?;
                }
            }
            table::print(&rows);
            figures.rows.extend(rows);
        }
        Ok(())
    }

    fn row(&self, contestant: Contestant, bed: Bed, latency_ms: u64) -> Row {
        let mut row = Row::new(self.scenario.says, contestant.name());
        row.bed = Some(format!("{bed:?}").to_lowercase());
        row.latency_ms = Some(latency_ms);
        if self.scenario.part == Part::Large && contestant == Contestant::Crossdock {
            row.rss_kib_max = Some(RSS_KIB_MAX);
        }
        row
    }

    async fn run(&self, contestant: Contestant, place: &Place<'_>, row: &mut Row) -> Fallible<()> {
        let Place { source, target, latency_ms } = place;
        let far = [source.host(), target.host()];
        let wires = match latency_ms {
            0 => None,
            _ => Some(Delay::start(*latency_ms, &far)?),
        };
        let [source_host, target_host] = wires.as_ref().map_or(&far[..], |wires| wires.hosts()) else {
            return Err("a wire has two ends".into());
        };
        let hosts = Hosts { source: source_host.clone(), target: target_host.clone() };
        let command = contestant.command(self, &hosts)?;
        // What was asked before does not count.
        source.asked()?;
        target.asked()?;
        row.add(self.bench.run(command).await?);
        row.asked(source.asked()?, target.asked()?);
        Ok(())
    }

    /// Whether every tag arrived.
    async fn check(&self, target: &Served) -> Fallible<()> {
        let client = wire::client()?;
        all(self.corpus.tagged().map(|one| {
            let Manifest { repository, at, digest, .. } = one.clone();
            let head = client.head(format!("{}/v2/{repository}/manifests/{at}", target.base()));
            async move {
                let head = wire::expect(accepting(head).send().await?, StatusCode::OK)?;
                let found = head.headers().get("docker-content-digest").and_then(|found| found.to_str().ok());
                match found {
                    Some(found) if found == digest => Ok(()),
                    _ => Err(format!("{repository}:{at} arrived as {found:?}").into()),
                }
            }
        }))
        .await
    }

    /// What it takes to hash the same bytes once.
    async fn hash(&self, figures: &mut Figures) -> Fallible<()> {
        let mut row = Row::new(self.scenario.says, "hash");
        let mib = self.corpus.unique_bytes() / MIB;
        for _ in 0..self.arguments.repetitions {
            let mut command = self.bench.timed_self()?;
            command.arg("hash").arg(mib.to_string());
            row.add(self.bench.run(command).await?);
        }
        table::print(std::slice::from_ref(&row));
        figures.rows.push(row);
        Ok(())
    }
}
