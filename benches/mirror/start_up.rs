//! What a run costs before it has done anything: checking one tag that is current.

use crate::arguments::Arguments;
use crate::beds::synthetic::Synthetic;
use crate::beds::synthetic::shelf::{Manifest, Shelf};
use crate::corpus::MANIFEST;
use crate::figures::{Figures, Row};
use crate::program::Bench;
use crate::{Fallible, table};
use crossdock::oci::Digest;
use std::path::Path;

/// How often each is measured: they take some milliseconds.
const REPETITIONS: usize = 15;
/// The example in Rust, where `make filters` was run.
const FILTER: &str = "newest-minors.wasm";

pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let (source, target) = (Synthetic::start(shelf())?, Synthetic::start(shelf())?);
    let (from, to) = (source.host(), target.host());
    let spec_text = format!(
        "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\n\
         mirrors: [{{ source: {from}/one, target: {to}/one, tags: [latest] }}]\n"
    );
    let spec = bench.file("one.yaml", &spec_text)?;
    let spec = spec.to_str().ok_or("not UTF-8")?;
    let filter = std::path::absolute(arguments.filters.join(FILTER))?;
    let filtered = bench.file("filtered.yaml", &format!("{spec_text}{}", filtered(&filter)))?;
    let filtered = filtered.to_str().ok_or("not UTF-8")?;
    let cache = bench.place.path().join("cache");
    let cache = cache.to_str().ok_or("not UTF-8")?;
    let mut commands: Vec<(&str, Vec<&str>)> = vec![
        ("--version", vec!["--version"]),
        ("lint", vec!["lint", "--spec", spec]),
        ("check", vec!["check", "--spec", spec]),
    ];
    if filter.is_file() {
        commands.push(("lint, filter", vec!["lint", "--spec", filtered]));
        commands.push(("lint, cached", vec!["lint", "--spec", filtered, "--filter-cache", cache]));
    }
    let mut rows = Vec::new();
    // The other build may have no filters.
    let programs = [("", Some(&bench.crossdock), usize::MAX), ("other ", arguments.other.as_ref(), 3)];
    for (prefix, program, knows) in programs {
        let Some(program) = program else { continue };
        for (name, command) in commands.iter().take(knows) {
            rows.push((Row::new("Starting", &format!("{prefix}{name}")), program, command));
        }
    }
    for _ in 0..REPETITIONS {
        for (row, program, command) in &mut rows {
            row.add(bench.run(bench.program(program, command.iter().copied())?).await?);
            row.asked(source.asked(), target.asked());
        }
    }
    let rows: Vec<Row> = rows.into_iter().map(|(row, ..)| row).collect();
    table::print(&rows);
    figures.rows.extend(rows);
    Ok(())
}

/// What a spec says to use a filter.
fn filtered(filter: &Path) -> String {
    format!("filters: {{ one: {{ wasm: {}, config: {{ minors: 3 }} }} }}\n", filter.display())
}

fn shelf() -> Shelf {
    let bytes = bytes::Bytes::from_static(b"{}");
    let digest = Digest::of(&bytes).to_string();
    let mut shelf = Shelf::default();
    shelf.repository("one").put("latest", Manifest { digest, media_type: MANIFEST.to_owned(), bytes });
    shelf
}
