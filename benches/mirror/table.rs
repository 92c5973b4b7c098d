//! Figures as a person reads them.

use crate::figures::Row;
use std::collections::BTreeSet;

/// Prints rows of one measurement; ratios are to the contestants that these names have, if they run.
pub(crate) fn print(rows: &[Row]) {
    let Some(first) = rows.first() else { return };
    println!("\n{} (medians of {})\n", first.measurement, first.runs.len());
    println!(
        "{:<12} {:>9} {:>7} {:>7} {:>9} {:>7} {:>7} {:>8} {:>8} {:>8} {:>9}",
        "",
        "wall ms",
        "÷floor",
        "÷skopeo",
        "CPU ms",
        "÷floor",
        "÷skopeo",
        "RSS MiB",
        "source",
        "target",
        "MiB read"
    );
    let of = |name: &str| rows.iter().find(|row| row.contestant == name).map(|row| row.took);
    let (floor, skopeo) = (of("floor"), of("skopeo"));
    for row in rows {
        let ratio = |mine: f64, other: Option<f64>| match other {
            Some(other) if other > 0.0 => format!("{:.2}", mine / other),
            _ => "-".to_owned(),
        };
        let took = row.took;
        println!(
            "{:<12} {:>9.0} {:>7} {:>7} {:>9.0} {:>7} {:>7} {:>8.1} {:>8} {:>8} {:>9.1}",
            row.contestant,
            took.wall_ms,
            ratio(took.wall_ms, floor.map(|took| took.wall_ms)),
            ratio(took.wall_ms, skopeo.map(|took| took.wall_ms)),
            took.cpu_ms,
            ratio(took.cpu_ms, floor.map(|took| took.cpu_ms)),
            ratio(took.cpu_ms, skopeo.map(|took| took.cpu_ms)),
            took.peak_rss_kib as f64 / 1024.0,
            row.source.total(),
            row.target.total(),
            row.source.blob_bytes_out as f64 / f64::from(1 << 20),
        );
    }
    print_requests(rows);
}

/// Which requests these were, at each side.
fn print_requests(rows: &[Row]) {
    for side in ["source", "target"] {
        let asked = |row: &Row| match side {
            "source" => row.source.requests.clone(),
            _ => row.target.requests.clone(),
        };
        let kinds: BTreeSet<String> = rows.iter().flat_map(|row| asked(row).into_keys()).collect();
        if kinds.is_empty() {
            continue;
        }
        print!("\n{:<16}", format!("at the {side}"));
        rows.iter().for_each(|row| print!(" {:>12}", row.contestant));
        println!();
        for kind in kinds {
            print!("{kind:<16}");
            rows.iter().for_each(|row| print!(" {:>12}", asked(row).get(&kind).copied().unwrap_or(0)));
            println!();
        }
    }
}
