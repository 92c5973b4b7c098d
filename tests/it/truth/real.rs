//! The same against docker-registry, which goes on to show blobs that it has lost.

use crate::bed::distribution::{Distribution, Served};
use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::{Behaviour, Gate, Registry, RequestKind, Rule};
use crate::bed::program::Program;
use crate::bed::tally;

#[test]
fn a_blob_that_docker_registry_lost_and_still_shows_is_found_and_sent_again() {
    let (source, mut target, program) = (Registry::start(), Distribution::cached(), Program::new());
    let image = two_platforms(1, Format::Oci);
    source.seed(&image, "app", &["1.0", "1.1"]);
    let (from, to) = (source.host(), target.host().to_owned());
    let spec = |tag: &str| {
        format!(
            "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\n\
             mirrors:\n- {{ source: {from}/app, target: {to}/app, tags: [\"{tag}\"] }}\n"
        )
    };
    program.write("crossdock.yaml", &spec("1.0"));
    program.run(&["sync"]).expect_code(0);
    program.run(&["check", "--deep"]).expect_code(0);
    let layer = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob").digest.clone();
    target.lose_blob(&layer);
    program.run(&["check"]).expect_code(0);
    let finished = program.run(&["check", "--deep"]).expect_code(1);
    assert!(finished.stdout.contains(&layer) && finished.stdout.contains("[damaged]"), "{}", finished.stdout);
    // It believes itself, and takes another tag for the image that it cannot serve.
    program.write("crossdock.yaml", &spec("1.1"));
    program.run(&["sync"]).expect_code(0);
    source.clear_requests();
    target.clear_requests();
    let finished = program.run(&["sync", "--repair"]).expect_code(0);
    assert!(finished.stdout.contains("1 repaired"), "{}", finished.stdout);
    assert_eq!(source.requests().count(RequestKind::BlobGet), 1, "only what is broken is fetched");
    let is_upload = |request: &&Served| request.method == "PUT" && request.target.contains("/blobs/uploads/");
    let uploads = target.requests().iter().filter(is_upload).count();
    assert_eq!(uploads, 1, "{:#?}", target.requests());
    program.run(&["check", "--deep"]).expect_code(0);
    program.write("crossdock.yaml", &spec("1.0"));
    program.run(&["check", "--deep"]).expect_code(0);
    tally::count("faults", 2);
}

#[test]
fn uploads_that_were_begun_at_docker_registry_are_taken_back_after_a_signal() {
    let (source, target, program) = (Registry::start(), Distribution::plain(), Program::new());
    let image = two_platforms(1, Format::Oci);
    source.seed(&image, "app", &["1.0"]);
    let (from, to) = (source.host(), target.host().to_owned());
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\n\
             mirrors:\n- {{ source: {from}/app, target: {to}/app, tags: [\"1.0\"] }}\n"
        ),
    );
    let gate = Gate::closed();
    source.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::Hold(gate.clone())));
    let running = program.spawn(&["sync"]);
    gate.wait_for(image.blobs.len());
    running.signal("TERM");
    running.wait().expect_code(143);
    let requests = target.requests();
    let begun = requests.iter().filter(|request| request.method == "POST").count();
    let given_back = |request: &&Served| request.method == "DELETE" && request.status == 204;
    assert_eq!(begun, image.blobs.len(), "{requests:#?}");
    assert_eq!(requests.iter().filter(given_back).count(), begun, "{requests:#?}");
    gate.open();
    tally::count("faults", 1);
}
