//! Jenkins' Docker pipelines: a container that only waits, with `cat`, as the user of the agent, in which
//! scripts are started.

use super::Registries;
use crate::bed::container::{Container, Entry, Image};

fn agent() -> Container {
    Container::of(Image::Full)
        .directory("/var/jenkins/workspace/images", 1234, 1234)
        .work("/var/jenkins/workspace/images")
        .user(1234, 1234)
        // Docker gives no home to a user whom the image does not know.
        .variable("HOME", "/")
        .variable("JENKINS_URL", "https://ci.example.com/")
        .variable("BUILD_ID", "7")
}

#[test]
fn cat_behind_the_entry_point_waits_for_its_input() {
    let finished = agent().start(Entry::Image(&["cat"])).wait().expect_code(0);
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""), "an empty input");
    let shown = agent().start(Entry::Image(&["cat", "/etc/group"])).wait().expect_code(0);
    assert!(shown.stdout.starts_with("root:x:0:"), "{}", shown.stdout);
}

#[test]
fn a_script_of_a_user_whom_nobody_knows_mirrors_without_a_home() {
    let registries = Registries::new();
    let container = agent()
        .variable("CROSSDOCK_COMMAND", "sync")
        .variable("CROSSDOCK_REPORT", "json,junit")
        .variable("CROSSDOCK_REPORT_DIR", ".crossdock");
    container.write("/var/jenkins/workspace/images/crossdock.yaml", &registries.spec());
    let finished = container.start(Entry::Other(&["sh", "-c", "crossdock ci"])).wait().expect_code(0);
    registries.assert_mirrored();
    assert!(!finished.stdout.contains('\u{1b}') && !finished.stderr.contains('\u{1b}'), "no colour");
    let junit = container.read("/var/jenkins/workspace/images/.crossdock/junit.xml");
    assert!(junit.contains("<testcase "), "{junit}");
}
