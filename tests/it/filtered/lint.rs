//! `crossdock lint` and filters: those that are files are tried, and nobody is contacted.

use super::{APP, guest, scripted};
use crate::commands::pair::Pair;

#[test]
fn a_filter_without_a_pin_is_offered_one() {
    let pair = Pair::new();
    scripted(&pair, "{}", APP);
    insta::assert_snapshot!(pair.transcript(&["lint"]));
    let finished = pair.run(&["lint"]).expect_code(0);
    let pin = finished.stdout.lines().last().expect("a line").trim();
    let text = pair.program.read("crossdock.yaml");
    pair.program.write(
        "crossdock.yaml",
        &text.replace("wasm: scripted.wasm", &format!("wasm: scripted.wasm, {pin}")),
    );
    let finished = pair.run(&["lint"]).expect_code(0);
    assert_eq!(finished.stdout.lines().count(), 1, "{}", finished.stdout);
    assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
}

#[test]
fn each_filter_that_cannot_be_used_is_a_problem_at_its_place() {
    let pair = Pair::new();
    std::fs::copy(guest("scripted"), pair.program.work().join("scripted.wasm")).expect("it can be copied");
    pair.program.write("text.wasm", "not wasm");
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let mut text = format!(
        "version: 1
filters:
  gone: {{ wasm: gone.wasm }}
  text: {{ wasm: text.wasm }}
  other: {{ wasm: scripted.wasm, sha256: {digest} }}
  picky: {{ wasm: scripted.wasm, config: {{ nonsense: 1 }} }}
  away: {{ wasm: 'https://filters.test/f.wasm', sha256: {digest} }}
mirrors:
"
    );
    for name in ["gone", "text", "other", "picky", "away"] {
        text.push_str(&format!("  - {{ source: {name}, target: t.test/{name}, filter: {name} }}\n"));
    }
    pair.program.write("crossdock.yaml", &text);
    insta::assert_snapshot!(pair.transcript(&["lint"]));
}
