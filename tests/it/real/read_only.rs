//! A docker-registry that takes no writes: what is current stays so, and what is not is refused.

use super::cargo::Cargo;
use crate::bed::distribution::Distribution;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use crate::transcript::shown;

#[test]
fn a_target_that_takes_no_writes_fails_clearly_and_keeps_what_it_has() {
    let (cargo, skopeo, program) = (Cargo::new(), Skopeo::new(), Program::new());
    let (source, target) = (Distribution::plain(), Distribution::plain());
    cargo.load(&skopeo, source.host());
    cargo.load(&skopeo, target.host());
    let target = target.into_read_only();
    let rules = |repository: &str| {
        format!(
            "- {{ name: {repository}, source: {}/team/oci-one, target: {}/{repository}, tags: [\"1.0\"] }}\n",
            source.host(),
            target.host()
        )
    };
    let head = format!(
        "version: 1\nregistries:\n  {}: {{ plain_http: true }}\n  {}: {{ plain_http: true }}\nmirrors:\n",
        source.host(),
        target.host()
    );
    program.write("crossdock.yaml", &format!("{head}{}", rules("team/oci-one")));
    program.run(&["sync"]).expect_code(0);
    program.write("crossdock.yaml", &format!("{head}{}{}", rules("team/oci-one"), rules("new")));
    program.run(&["check"]).expect_code(2);
    let arguments = ["sync", "--progress", "none", "--report", "json=report.json"];
    let finished = program.run(&arguments);
    let normal = program.normal().text(source.host(), "source.test").text(target.host(), "target.test");
    insta::assert_snapshot!(shown(&finished, &normal, &arguments));
    let report: serde_json::Value = serde_json::from_str(&program.read("report.json")).expect("JSON");
    let item = &report["items"][1];
    let error = &item["error"];
    assert_eq!((&error["code"], &error["http"]["status"]), (&"read_only".into(), &405.into()), "{report:#}");
    assert_eq!((&error["retryable"], &item["outcome"]), (&false.into(), &"failed".into()));
    assert_eq!(report["counts"]["current"], 1);
}
