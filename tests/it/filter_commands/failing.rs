//! Filters that go wrong at their work, as a user sees it.

use super::{bench, case};

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
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(!running.has_ended(), "it ended before the signal");
    running.signal("INT");
    running.wait().expect_code(130);
}
