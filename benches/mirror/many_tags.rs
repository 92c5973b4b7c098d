//! One repository with more tags than anybody looks at: planning, and taking the newest few.

use crate::beds::synthetic::Synthetic;
use crate::beds::synthetic::shelf::{Manifest, Shelf};
use crate::corpus::{CONFIG, MANIFEST};
use crate::figures::{Figures, RSS_KIB_MAX, Row};
use crate::program::Bench;
use crate::{Fallible, table};
use crossdock::oci::Digest;
use serde_json::json;

/// How often each is measured: they take long, and vary little.
const REPETITIONS: usize = 3;

pub(crate) async fn measure(bench: &Bench, figures: &mut Figures) -> Fallible<()> {
    let all = "tags: { include: [\"*\"] }";
    let newest = "tags: { include: [\"*\"], newest: 10 }";
    let rows = [
        run(bench, "all current", 10_000, shelf(10_000), all).await?,
        run(bench, "all absent", 10_000, Shelf::default(), all).await?,
        run(bench, "newest 10", 10_000, Shelf::default(), newest).await?,
    ];
    table::print(&rows);
    figures.rows.extend(rows);
    let rows = [run(bench, "newest 10", 100_000, Shelf::default(), newest).await?];
    table::print(&rows);
    figures.rows.extend(rows);
    Ok(())
}

async fn run(bench: &Bench, name: &str, tags: u64, target: Shelf, selection: &str) -> Fallible<Row> {
    let source = Synthetic::start(shelf(tags))?;
    let target = Synthetic::start(target)?;
    let (from, to) = (source.host(), target.host());
    let spec = format!(
        "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\n\
         mirrors:\n  - source: {from}/many\n    target: {to}/many\n    {selection}\n"
    );
    let spec = bench.file("many.yaml", &spec)?;
    let mut row = Row::new(&format!("Planning a repository of {tags} tags"), name);
    for _ in 0..REPETITIONS {
        row.add(bench.run(bench.crossdock(["plan", "--spec", spec.to_str().ok_or("not UTF-8")?])?).await?);
        row.source = source.asked();
        row.target = target.asked();
    }
    row.rss_kib_max = Some(RSS_KIB_MAX);
    Ok(row)
}

/// Tags that are versions, each a manifest of its own.
fn shelf(tags: u64) -> Shelf {
    let mut shelf = Shelf::default();
    let many = shelf.repository("many");
    for number in 0..tags {
        let config = Digest::of(&number.to_le_bytes()).to_string();
        let body = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
            "config": { "mediaType": CONFIG, "digest": config, "size": 8 } })
        .to_string();
        let digest = Digest::of(body.as_bytes()).to_string();
        let tag = format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100);
        many.put(&tag, Manifest { digest, media_type: MANIFEST.to_owned(), bytes: body.into() });
    }
    shelf
}
