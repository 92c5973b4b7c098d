//! What a run costs before it has done anything: checking one tag that is current.

use crate::corpus::MANIFEST;
use crate::figures::{Figures, Row};
use crate::program::Bench;
use crate::synthetic::{Shelf, Synthetic};
use crate::{Fallible, table};
use crossdock::oci::Digest;

/// How often each is measured: they take some milliseconds.
const REPETITIONS: usize = 15;

pub(crate) async fn measure(bench: &Bench, figures: &mut Figures) -> Fallible<()> {
    let (source, target) = (Synthetic::start(shelf())?, Synthetic::start(shelf())?);
    let (from, to) = (source.host(), target.host());
    let spec = format!(
        "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\n\
         mirrors: [{{ source: {from}/one, target: {to}/one, tags: [latest] }}]\n"
    );
    let spec = bench.file("one.yaml", &spec)?;
    let spec = spec.to_str().ok_or("not UTF-8")?;
    let name = "Starting";
    let mut rows = [Row::new(name, "--version"), Row::new(name, "lint"), Row::new(name, "check")];
    for _ in 0..REPETITIONS {
        let arguments: [&[&str]; 3] = [&["--version"], &["lint", "--spec", spec], &["check", "--spec", spec]];
        for (row, arguments) in rows.iter_mut().zip(arguments) {
            row.add(bench.run(bench.crossdock(arguments.iter().copied())?).await?);
            row.source = source.asked();
            row.target = target.asked();
        }
    }
    table::print(&rows);
    figures.rows.extend(rows);
    Ok(())
}

fn shelf() -> Shelf {
    let body = bytes::Bytes::from_static(b"{}");
    let manifest = (Digest::of(&body).to_string(), MANIFEST, body);
    Shelf { manifests: [("latest".to_owned(), manifest)].into(), ..Shelf::default() }
}
