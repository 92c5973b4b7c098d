//! The scripts of `.github/workflows/release.yml` that are not about pins: files, notes, and what the action
//! told.

use super::place;
use crate::bed::digest::sha256;
use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Output};

fn script(name: &str) -> Command {
    Command::new(place(&format!(".ci/{name}")))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_files_of_a_release_are_named_and_summed_as_the_bootstrap_looks_for_them() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for machine in ["amd64", "arm64"] {
        fs::create_dir_all(folder.path().join("dist").join(machine)).expect("a folder can be made");
        fs::write(folder.path().join("dist").join(machine).join("crossdock"), machine).expect("written");
    }
    let made = script("release-files").args(["dist", "release/v1"]).current_dir(folder.path()).output();
    assert!(made.expect("a script").status.success());
    let release = folder.path().join("release/v1");
    let sums = fs::read_to_string(release.join("SHA256SUMS")).expect("there");
    let line = |machine: &str| {
        let digest = sha256(machine.as_bytes());
        format!("{}  crossdock-linux-{machine}\n", digest.trim_start_matches("sha256:"))
    };
    assert_eq!(sums, line("amd64") + &line("arm64"));
    let program = fs::read_to_string(release.join("crossdock-linux-arm64")).expect("there");
    assert_eq!(program, "arm64");
}

#[test]
fn the_notes_of_a_release_name_its_commit_its_image_and_its_changes_only() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::create_dir(folder.path().join(".ci")).expect("a folder can be made");
    fs::copy(place(".ci/release-notes"), folder.path().join(".ci/release-notes")).expect("copied");
    let changes =
        "# Changelog\n\n## Unreleased\n\n- later\n\n## 1.2.3 (2026-01-01)\n\n- now\n\n## 1.2.2\n\n- before\n";
    fs::write(folder.path().join("CHANGELOG.md"), changes).expect("the folder is ours");
    let notes = Command::new(folder.path().join(".ci/release-notes"));
    let notes = { notes }.args(["1.2.3", "abc", "sha256:def"]).output().expect("a script");
    let notes = text(&notes.stdout);
    assert!(notes.contains("uses: crossdock-dev/crossdock@abc # v1.2.3"), "{notes}");
    assert!(notes.contains("`ghcr.io/crossdock-dev/crossdock:1.2.3@sha256:def`"), "{notes}");
    assert!(notes.contains("- now") && !notes.contains("- later") && !notes.contains("- before"), "{notes}");
}

/// What `sync` and then `check` should have told.
fn good() -> (Value, Value) {
    let digests = r#"{"r.test/a:1":"sha256:1"}"#;
    let told = |result: &str, changed: &str| {
        json!({ "result": result, "exit-code": "0", "changed": changed, "drift": changed, "version": "1.2.3",
            "digests": digests })
    };
    (told("changed", "true"), told("ok", "false"))
}

fn judge(sync: &Value, check: &Value) -> Output {
    let mut command = script("release-told");
    command.args([sync.to_string(), check.to_string(), "1.2.3".to_owned()]).output().expect("a script")
}

#[test]
fn outputs_that_are_not_as_they_should_be_keep_a_release_back() {
    let (sync, check) = good();
    assert!(judge(&sync, &check).status.success(), "{}", text(&judge(&sync, &check).stderr));
    for (output, value) in [("result", "ok"), ("version", "1.2.2"), ("drift", "false"), ("digests", "{}")] {
        let mut wrong = sync.clone();
        wrong[output] = value.into();
        let judged = judge(&wrong, &check);
        assert!(!judged.status.success() && text(&judged.stderr).contains(output), "{output}");
    }
    assert!(!judge(&json!({}), &json!({})).status.success());
}
