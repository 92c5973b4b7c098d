//! Bytes a second: as few as the spec says, in both directions together.

use super::{Bench, MIB};
use crate::bed::memory::{RequestKind, Rule};
use std::time::{Duration, Instant};

#[test]
fn what_goes_in_and_what_comes_out_share_the_bytes_of_a_second() {
    let bench = Bench::new(2 * MIB);
    bench.pair.source.rule(Rule::on(RequestKind::Mount).answer(405));
    let registries = format!("SOURCE: {{ plain_http: true, limits: {{ bytes_per_second: {} }} }}", 2 * MIB);
    let rules = "- { source: SOURCE/app, target: SOURCE/copy, tags: [\"1.0\"] }";
    bench.pair.registries(&registries, rules);
    let started = Instant::now();
    let (finished, _) = bench.pair.report(&["sync"]);
    finished.expect_code(0);
    assert!(bench.pair.source.complete("copy", "1.0"));
    // Two seconds' worth, of which the last piece in each direction is not waited for.
    let least = Duration::from_millis(1500);
    assert!(started.elapsed() >= least, "4 MiB in {:?}", started.elapsed());
}
