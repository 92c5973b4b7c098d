//! One layer that is larger than any memory that a run may have, to one target and to two, and in
//! each way in which registries take blobs.

use crate::arguments::Arguments;
use crate::beds::synthetic::shelf::Shelf;
use crate::beds::synthetic::{Synthetic, Takes};
use crate::corpus::{Corpus, Layer};
use crate::figures::{Figures, RSS_KIB_MAX, Row};
use crate::program::Bench;
use crate::{Fallible, table};
use std::fmt::Write as _;

const MIB: usize = 1 << 20;
/// How often each is measured: it is memory that counts.
const REPETITIONS: usize = 2;
/// The longest body that one of them takes.
const BODY_BYTES_MAX: u64 = 16 << 20;

pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let mut corpus = Corpus::default();
    let layer = Layer { seed: 7, size_bytes: arguments.layer_mib as usize * MIB };
    corpus.add("large", "latest", "", &[("amd64", vec![layer])]);
    let source = Synthetic::start(Shelf::of(&corpus, str::to_owned))?;
    let measurement = format!("Copying a layer of {} MiB", arguments.layer_mib);
    let mut rows = Vec::new();
    let nowhere = [
        ("put", vec![Takes::Anything]),
        ("put, twice", vec![Takes::Anything; 2]),
        ("one patch", vec![Takes::Patches]),
        ("chunks", vec![Takes::BodiesBelow(BODY_BYTES_MAX)]),
    ];
    for (contestant, targets) in nowhere {
        let mut row = Row::new(&measurement, contestant);
        for _ in 0..REPETITIONS {
            let targets = targets.iter().map(|takes| Synthetic::start_taking(*takes));
            run(bench, &source, targets.collect::<Fallible<Vec<_>>>()?, &mut row).await?;
        }
        rows.push(row);
    }
    table::print(&rows);
    figures.rows.extend(rows);
    Ok(())
}

async fn run(bench: &Bench, source: &Synthetic, targets: Vec<Synthetic>, row: &mut Row) -> Fallible<()> {
    let mut spec = format!("version: 1\nregistries:\n  {}: {{ plain_http: true }}\n", source.host());
    for target in &targets {
        writeln!(spec, "  {}: {{ plain_http: true }}", target.host())?;
    }
    spec.push_str("mirrors: [{ source: a.test/a, target: b.test/b, tags: [a] }]\n");
    let spec = bench.file("large.yaml", &spec)?;
    let targets_named: Vec<String> = targets.iter().map(|target| format!("{}/copy", target.host())).collect();
    let image = format!("{}/large:latest", source.host());
    let arguments = ["copy", "--spec", spec.to_str().ok_or("not UTF-8")?, &image];
    let command = bench.crossdock(arguments.into_iter().chain(targets_named.iter().map(String::as_str)))?;
    source.asked();
    row.add(bench.run(command).await?);
    row.source = source.asked();
    row.target = targets.first().ok_or("there is no target")?.asked();
    row.rss_kib_max = Some(RSS_KIB_MAX);
    Ok(())
}
