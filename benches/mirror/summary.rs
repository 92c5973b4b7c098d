//! What it comes down to: one line for each scenario, with its goal.

use crate::beds::asked::Asked;
use crate::figures::{Figures, Row};
use crate::scenario::{Goal, SCENARIOS};
use std::collections::{BTreeMap, BTreeSet};

/// What the processor time of large layers may be, of the floor's and of hashing the same bytes once.
const CPU_GOAL: f64 = 1.3;
/// How much faster than skopeo it should be wherever there is latency.
const SKOPEO_GOAL: f64 = 3.0;

/// Prints a line for each scenario that crossdock and the floor took part in.
pub(crate) fn print(figures: &Figures) {
    let ours: Vec<&Row> =
        figures.rows.iter().filter(|row| row.contestant == "crossdock" && row.bed.is_some()).collect();
    if ours.is_empty() {
        return;
    }
    println!(
        "\n| {:<46} | {:<9} | ms | time | goal | CPU  | skopeo | MiB  | goal | in flight   \
         | the floor's | requests beyond the floor's |",
        "to the floor (and skopeo to crossdock)", "bed"
    );
    println!("|{}", "---|".repeat(12));
    for row in ours {
        line(row, figures);
    }
    hashing(figures);
}

fn line(row: &Row, figures: &Figures) {
    let beside = |name: &str| {
        figures.rows.iter().find(|other| other.contestant == name && other.title() == row.title())
    };
    let Some(floor) = beside("floor") else { return };
    let scenario = SCENARIOS.iter().find(|scenario| scenario.says == row.measurement);
    let goal = scenario.map(|scenario| &scenario.goal);
    let wall_goal = goal.filter(|goal| Some(goal.latency_ms) == row.latency_ms).map(|goal| goal.wall);
    let flight = |row: &Row| format!("{} + {}", in_flight(row, &row.source), in_flight(row, &row.target));
    let skopeo = beside("skopeo").and_then(|skopeo| skopeo.ratio(row, |took| took.wall_ms));
    println!(
        "| {:<46} | {:<9} | {:>2} | {:>5} | {:>4} | {:>4} | {:>6} | {:>4.1} | {:>4} | {:>11} | {:>11} \
         | {} |",
        row.measurement,
        row.bed.as_deref().unwrap_or_default(),
        row.latency_ms.unwrap_or_default(),
        ratio(row.ratio(floor, |took| took.wall_ms), wall_goal, f64::gt),
        wall_goal.map_or(String::new(), |goal| format!("{goal:.1}")),
        ratio(row.ratio(floor, |took| took.cpu_ms), None, f64::gt),
        ratio(skopeo, (row.latency_ms != Some(0)).then_some(SKOPEO_GOAL), f64::lt),
        row.took.peak_rss_kib as f64 / 1024.0,
        goal.map_or(String::new(), |goal: &Goal| goal.peak_mib.to_string()),
        flight(row),
        flight(floor),
        more(row, floor),
    );
}

/// A ratio, marked where its goal is missed.
fn ratio(ratio: Option<f64>, goal: Option<f64>, missed: fn(&f64, &f64) -> bool) -> String {
    let Some(ratio) = ratio else { return "-".to_owned() };
    let mark = if goal.is_some_and(|goal| missed(&ratio, &goal)) { "!" } else { "" };
    format!("{mark}{ratio:.2}")
}

/// Which requests are more or fewer than the floor's.
fn more(row: &Row, floor: &Row) -> String {
    let sides = [("source", &row.source, &floor.source), ("target", &row.target, &floor.target)];
    let mut all = Vec::new();
    for (side, mine, least) in sides {
        let (mine, least) = (kinds(mine), kinds(least));
        let both: BTreeSet<&str> = mine.keys().chain(least.keys()).copied().collect();
        for kind in both {
            let count = |asked: &BTreeMap<&str, i64>| asked.get(kind).copied().unwrap_or(0);
            match count(&mine) - count(&least) {
                0 => {}
                more => all.push(format!("{more:+} {kind} at the {side}")),
            }
        }
    }
    match all.is_empty() {
        true => "none".to_owned(),
        false => all.join(", "),
    }
}

/// Requests by kind. What begins an upload and what tries a mount first is one request, and the floor
/// knows where that would be in vain.
fn kinds(asked: &Asked) -> BTreeMap<&str, i64> {
    let mut kinds = BTreeMap::new();
    for (kind, count) in &asked.requests {
        let kind = match kind.as_str() {
            "POST mount" | "POST upload" => "POST",
            other => other,
        };
        *kinds.entry(kind).or_default() += *count as i64;
    }
    kinds
}

/// How many requests were on their way at a side, on average.
fn in_flight(row: &Row, asked: &Asked) -> String {
    match row.latency_ms {
        Some(latency_ms) if latency_ms > 0 => {
            format!("{:.1}", (asked.total() * latency_ms) as f64 / row.took.wall_ms)
        }
        _ => "-".to_owned(),
    }
}

/// The processor time of large layers, beside that of the floor and of hashing.
fn hashing(figures: &Figures) {
    let Some(hash) = figures.rows.iter().find(|row| row.contestant == "hash") else { return };
    for row in figures.rows.iter().filter(|row| row.measurement == hash.measurement) {
        let floor = figures.rows.iter().find(|one| one.contestant == "floor" && one.title() == row.title());
        if let Some(floor) = floor.filter(|_| row.contestant == "crossdock") {
            let (mine, least) = (row.took.cpu_ms, floor.took.cpu_ms + hash.took.cpu_ms);
            println!(
                "{}: {:.2} × the processor time of the floor ({:.0} ms) and of hashing once ({:.0} ms); \
                 the goal is {CPU_GOAL}",
                row.title(),
                mine / least,
                floor.took.cpu_ms,
                hash.took.cpu_ms,
            );
        }
    }
}
