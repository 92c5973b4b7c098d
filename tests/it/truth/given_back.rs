//! Uploads that a stopped run has begun are given back, where the registry lets us.

use super::APP;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Canned, Gate, RequestKind, Rule};
use crate::bed::tally;
use crate::commands::pair::Pair;

/// Uploads that are begun at once.
const UPLOADS: usize = 3;

/// A run whose uploads are begun and get no bytes, ended by a signal.
fn stopped(prepare: impl FnOnce(&Pair)) -> Pair {
    let pair = Pair::new();
    let image = one_platform(1, Format::Oci);
    assert_eq!(image.blobs.len(), UPLOADS);
    pair.source.seed(&image, "app", &["1.0"]);
    pair.mirrors(APP);
    prepare(&pair);
    let gate = Gate::closed();
    pair.source.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&["sync", "--report", "json=report.json"]);
    gate.wait_for(UPLOADS);
    assert_eq!(pair.target.open_uploads(), UPLOADS, "{}", pair.target.requests());
    running.signal("TERM");
    running.wait().expect_code(143);
    assert_eq!(pair.read_report()["items"][0]["error"]["code"], "cancelled");
    gate.open();
    pair
}

#[test]
fn a_signal_takes_back_every_upload_that_was_begun() {
    let pair = stopped(|_| ());
    assert_eq!(pair.target.open_uploads(), 0, "{}", pair.target.requests());
    assert_eq!(pair.target.requests().count(RequestKind::UploadDelete), UPLOADS);
    pair.source.clear_rules();
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.complete("app", "1.0"));
    tally::count("faults", 1);
}

#[test]
fn a_registry_that_does_not_take_uploads_back_is_asked_once_for_each_and_for_no_more_rights() {
    for status in [401, 403, 405, 500] {
        let pair = stopped(|pair| {
            let refusal =
                Behaviour::Answer(Canned::new(status).header("www-authenticate", "Basic realm=\"r\""));
            pair.target.rule(Rule::on(RequestKind::UploadDelete).then(refusal));
        });
        let requests = pair.target.requests();
        assert_eq!(requests.count(RequestKind::UploadDelete), UPLOADS, "{status}: {requests}");
        assert_eq!(requests.count(RequestKind::Ping) + requests.count(RequestKind::Token), 0, "{requests}");
        tally::count("faults", 1);
    }
}
