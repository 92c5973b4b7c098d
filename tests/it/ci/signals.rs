//! Signals: a CI that stops a run still hears how it ended, before it kills.

use super::pipeline::{Pipeline, read_outputs};
use crate::bed::memory::{Behaviour, Gate, RequestKind, Rule};
use std::time::{Duration, Instant};

/// GitHub sends SIGINT, SIGTERM 7.5 seconds later, and kills 2.5 seconds after that.
const END_MAX: Duration = Duration::from_secs(7);

#[test]
fn a_signal_ends_a_run_in_time_and_everything_is_told() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let pipeline = Pipeline::seeded(&[("INPUT_FAIL-ON", "never")]);
        let gate = Gate::closed();
        // The worst case: a manifest that is on its way gets all the time that there is.
        pipeline.pair.target.rule(Rule::on(RequestKind::ManifestPut).then(Behaviour::Hold(gate.clone())));
        let mut running = pipeline.pair.program.spawn(&["ci"]);
        gate.wait_for(1);
        running.signal(signal);
        let signalled = Instant::now();
        while !running.has_ended() {
            assert!(signalled.elapsed() < END_MAX, "killed by then");
            std::thread::sleep(Duration::from_millis(5));
        }
        let finished = running.wait().expect_code(code);
        gate.open();
        let outputs = read_outputs(&pipeline.file("output"));
        assert_eq!(outputs["result"], "cancelled");
        assert_eq!(outputs["exit-code"], code.to_string());
        let report = std::fs::read_to_string(&outputs["report-json"]).expect("the report");
        assert!(report.contains("\"cancelled\": true"), "{report}");
        assert!(!pipeline.file("summary").is_empty());
        assert!(finished.stdout.contains("::endgroup::"), "{}", finished.stdout);
    }
}
