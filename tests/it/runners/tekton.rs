//! Tekton, and any strict cluster: a user who is not root, nothing to write to but volumes.

use super::Registries;
use crate::bed::container::{Container, Entry, Image};

const USER: u32 = 65532;

#[test]
fn a_read_only_root_is_no_obstacle_and_results_are_files() {
    let registries = Registries::new();
    let container = Container::of(Image::Full)
        .directory("/workspace/spec", USER, USER)
        .directory("/tekton/results", USER, USER)
        .directory("/tekton/home", USER, USER)
        .user(USER, USER)
        .read_only()
        .work("/workspace/spec")
        .variable("HOME", "/tekton/home")
        .variable("CROSSDOCK_CI", "tekton")
        .variable("CROSSDOCK_COMMAND", "sync")
        .variable("CROSSDOCK_ONLY", "")
        .variable("CROSSDOCK_DOCKER_CONFIG", "")
        .variable("CROSSDOCK_REPORT_DIR", ".crossdock");
    container.write("/workspace/spec/crossdock.yaml", &registries.spec());
    container.start(Entry::Other(&["/usr/bin/crossdock", "ci"])).wait().expect_code(0);
    registries.assert_mirrored();
    let result = |name: &str| container.read(&format!("/tekton/results/{name}"));
    assert_eq!((result("result").as_str(), result("exit-code").as_str()), ("changed", "0"));
    assert!(result("images").starts_with(registries.target.host()), "{}", result("images"));
}

#[test]
fn where_nothing_can_be_written_to_the_run_goes_on_without_reports() {
    let registries = Registries::new();
    let container = Container::of(Image::Bare)
        .directory("/spec", 0, 0)
        .user(USER, USER)
        .read_only()
        .work("/spec")
        .variable("HOME", "/nonexistent")
        .variable("CROSSDOCK_COMMAND", "sync");
    container.write("/spec/crossdock.yaml", &registries.spec());
    let finished = container.start(Entry::Image(&["ci"])).wait().expect_code(0);
    assert!(finished.stdout.contains("no reports"), "{}", finished.stdout);
    registries.assert_mirrored();
}
