//! Figures as a person reads them.

use crate::figures::Row;
use crate::program::Took;
use std::collections::BTreeSet;

/// Prints rows of one measurement, with ratios to the floor and to skopeo where they took part.
pub(crate) fn print(rows: &[Row]) {
    let Some(first) = rows.first() else { return };
    println!("\n{} (medians of {})\n", first.title(), first.runs.len());
    let others: Vec<&Row> = ["floor", "skopeo"]
        .into_iter()
        .filter_map(|name| rows.iter().find(|row| row.contestant == name))
        .collect();
    let ratios = |row: &Row, of: fn(&Took) -> f64| {
        let ratio = |other: &&Row| match row.ratio(other, of) {
            Some(ratio) => format!(" {ratio:>7.2}"),
            None => format!(" {:>7}", "-"),
        };
        others.iter().map(ratio).collect::<String>()
    };
    let headings: String =
        others.iter().map(|other| format!(" {:>7}", format!("÷{}", other.contestant))).collect();
    println!(
        "{:<15} {:>9}{headings} {:>9}{headings} {:>8} {:>8} {:>8} {:>9}",
        "", "wall ms", "CPU ms", "RSS MiB", "source", "target", "MiB read"
    );
    for row in rows {
        let Took { wall_ms, cpu_ms, peak_rss_kib, .. } = row.took;
        let digits = if wall_ms < 100.0 { 2 } else { 0 };
        println!(
            "{:<15} {wall_ms:>9.digits$}{} {cpu_ms:>9.0}{} {:>8.1} {:>8} {:>8} {:>9.1}",
            row.contestant,
            ratios(row, |took| took.wall_ms),
            ratios(row, |took| took.cpu_ms),
            peak_rss_kib as f64 / 1024.0,
            row.source.total(),
            row.target.total(),
            row.source.bytes_out as f64 / f64::from(1 << 20),
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
