//! GitLab's Docker executor: it looks for a shell in the image, and gives it the script on its input.

use super::Registries;
use crate::bed::container::{Container, Entry, Image};

/// How the runner finds a shell, as an argument of whatever the entry point is.
const FIND_SHELL: &str = "if [ -x /usr/local/bin/bash ]; then exec /usr/local/bin/bash; \
    elif [ -x /usr/bin/bash ]; then exec /usr/bin/bash; elif [ -x /bin/bash ]; then exec /bin/bash; \
    elif [ -x /usr/local/bin/sh ]; then exec /usr/local/bin/sh; elif [ -x /usr/bin/sh ]; then exec /usr/bin/sh; \
    elif [ -x /bin/sh ]; then exec /bin/sh; elif [ -x /busybox/sh ]; then exec /busybox/sh; \
    else echo shell not found; exit 1; fi";

fn build() -> Container {
    Container::of(Image::Full)
        .directory("/builds/acme/images", 0, 0)
        .work("/builds/acme/images")
        .variable("CI", "true")
        .variable("GITLAB_CI", "true")
        .variable("CI_SERVER_VERSION_MAJOR", "18")
        .variable("CI_PROJECT_DIR", "/builds/acme/images")
}

#[test]
fn a_shell_is_found_behind_the_entry_point() {
    let finished = build().start(Entry::Image(&["sh", "-c", FIND_SHELL])).wait().expect_code(0);
    assert_eq!(finished.stdout, "", "an empty script");
}

#[test]
fn a_script_runs_the_program_and_leaves_what_the_pipeline_declares() {
    let registries = Registries::new();
    let container = build()
        .variable("CROSSDOCK_COMMAND", "sync")
        .variable("CROSSDOCK_SPEC", "crossdock.yaml")
        .variable("CROSSDOCK_REPORT", "json,junit")
        .variable("CROSSDOCK_REPORT_DIR", ".crossdock");
    container.write("/builds/acme/images/crossdock.yaml", &registries.spec());
    let script =
        "set -eo pipefail; echo '$ crossdock ci'; crossdock ci; grep -q created .crossdock/report.json";
    let finished = container.start(Entry::Other(&["/bin/sh", "-c", script])).wait().expect_code(0);
    registries.assert_mirrored();
    assert!(finished.stdout.contains("section_start:"), "{}", finished.stdout);
    let variables = container.read("/builds/acme/images/.crossdock/result.env");
    assert!(variables.lines().any(|line| line == "CROSSDOCK_RESULT=changed"), "{variables}");
    let junit = container.read("/builds/acme/images/.crossdock/junit.xml");
    assert!(junit.contains("<testcase "), "{junit}");
}

#[test]
fn drift_is_an_exit_code_that_the_template_makes_orange() {
    let registries = Registries::new();
    let container = build().variable("CROSSDOCK_COMMAND", "check");
    container.write("/builds/acme/images/crossdock.yaml", &registries.spec());
    container.start(Entry::Other(&["/bin/sh", "-c", "crossdock ci"])).wait().expect_code(2);
}
