//! Filters that go wrong at their work, as a user sees it.

use super::{bench, case};
use std::time::Duration;

#[test]
fn a_filter_that_runs_too_long_or_takes_too_much_is_stopped_and_told() {
    let program = bench("hostile");
    let cases = ["loop", "memory"].map(|deed| {
        let config = format!(r#", "config": {{ "deed": "{deed}", "at": "2" }}"#);
        case(r#"["1", "2", "3"]"#, &format!(r#"{config}, "expect": {{ "1": "keep" }}"#))
    });
    program.write("a.json", &format!("{{ \"cases\": [{}] }}", cases.join(",")));
    let finished = program.run(&["filter", "test", "hostile.wasm", "a.json"]).expect_code(1);
    assert_eq!(finished.stdout.matches("FAILED").count(), 2, "{}", finished.stdout);
    assert_eq!(finished.stdout.matches("what to do:").count(), 2, "{}", finished.stdout);
    assert!(finished.stdout.contains("docker.io/library/app:2 (image 2 of 3)"), "{}", finished.stdout);
}

#[test]
fn a_signal_ends_a_filter_that_never_returns() {
    let program = bench("hostile");
    // As much fuel as can be had: it would run for a long time.
    let images: Vec<String> = (0..200).map(|n| format!("{n}")).collect();
    let images = serde_json::to_string(&images).expect("JSON");
    program.write("a.json", &case(&images, r#", "config": { "deed": "loop" }"#));
    let mut running =
        program.spawn(&["filter", "test", "hostile.wasm", "a.json", "--fuel-per-image", "1000000000"]);
    // Not before somebody listens for it; a moment later, the filter runs.
    while !catches_interrupts(running.pid()) {
        assert!(!running.has_ended(), "it ended before the signal");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(500));
    running.signal("INT");
    running.wait().expect_code(130);
}

/// Whether a process has a handler for SIGINT, the second bit of this mask. See proc(5).
fn catches_interrupts(pid: u32) -> bool {
    let facts = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is there");
    let mask = facts.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("Linux tells it");
    u64::from_str_radix(mask.trim(), 16).expect("a number") & 2 != 0
}
