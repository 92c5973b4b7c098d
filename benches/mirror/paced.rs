//! A registry that takes so many manifests a second and refuses the rest: how near the program comes
//! to what is allowed, and how often it is refused.

use crate::arguments::Arguments;
use crate::beds::synthetic::Synthetic;
use crate::beds::synthetic::shelf::Shelf;
use crate::corpus::{at_source, shapes};
use crate::figures::{Figures, Row};
use crate::program::Bench;
use crate::{Fallible, contest, table};

/// Manifests that are taken each second, and how many at once after a pause.
const PER_SECOND: u32 = 10;
const BURST: u32 = 10;
/// It takes 20 seconds, whatever the machine.
const REPETITIONS: usize = 1;
/// How near it should come, and how often it may be refused.
const DRIVEN_MIN: f64 = 0.9;
const REFUSED_MAX: f64 = 0.02;

pub(crate) async fn measure(bench: &Bench, arguments: &Arguments, figures: &mut Figures) -> Fallible<()> {
    let corpus = shapes::small(arguments.scale);
    let source = Synthetic::start(Shelf::of(&corpus, at_source))?;
    let manifests = corpus.manifests.len() as f64;
    let mut row = Row::new("200 manifests into a registry that takes 10 a second", "crossdock");
    for _ in 0..REPETITIONS {
        let target = Synthetic::start_paced(Shelf::default(), PER_SECOND, BURST)?;
        let spec = contest::spec(&corpus, &source.host(), &target.host());
        let spec = bench.file("paced.yaml", &spec)?;
        row.add(bench.run(bench.crossdock(["sync", "--spec", spec.to_str().ok_or("not UTF-8")?])?).await?);
        row.asked(source.asked(), target.asked());
    }
    let rows = [row];
    table::print(&rows);
    let [row] = rows;
    let least_s = (manifests - f64::from(BURST)) / f64::from(PER_SECOND);
    let refused = row.target.refused as f64 / (manifests + row.target.refused as f64);
    println!(
        "\n{:.0} % of what is allowed (the goal is {:.0} %), {} of {} refused: {:.1} % (the goal is {:.0} %)",
        100.0 * least_s * 1000.0 / row.took.wall_ms,
        100.0 * DRIVEN_MIN,
        row.target.refused,
        manifests + row.target.refused as f64,
        100.0 * refused,
        100.0 * REFUSED_MAX,
    );
    figures.rows.push(row);
    Ok(())
}
