//! Where the files of a run go, and to whom they belong.

use super::pipeline::Pipeline;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

/// The user and group of the workspace, where we are root and it is not ours.
const RUNNER: (u32, u32) = (1234, 5678);

#[test]
fn reports_go_to_the_runners_directory_and_the_workspace_stays_clean() {
    let pipeline = Pipeline::seeded(&[]);
    let (_, outputs) = pipeline.outputs();
    let directory = Path::new(&outputs["report-dir"]).to_owned();
    assert!(directory.starts_with(pipeline.files()), "{}", directory.display());
    let report = fs::read_to_string(&outputs["report-json"]).expect("the report");
    assert!(report.contains("\"ci\": \"github\""), "{report}");
    assert!(
        fs::read_to_string(&outputs["comment-file"]).expect("the comment").starts_with("<!-- crossdock:")
    );
    let work: Vec<String> =
        pipeline.pair.program.files().into_iter().filter(|f| f.starts_with("work")).collect();
    assert_eq!(work, ["work/crossdock.yaml"]);
    let (_, again) = pipeline.outputs();
    assert_ne!(outputs["report-dir"], again["report-dir"], "two steps of one job do not meet");
}

#[test]
fn a_runners_directory_that_is_not_there_is_no_obstacle() {
    let pipeline = Pipeline::seeded(&[("RUNNER_TEMP", "/no/such/directory")]);
    let (finished, outputs) = pipeline.outputs();
    finished.expect_code(0);
    let work = pipeline.pair.program.work();
    assert_eq!(Path::new(&outputs["report-json"]), work.join(".crossdock/report.json"));
    assert_eq!(pipeline.pair.program.read(".crossdock/.gitignore"), "*\n");
}

#[test]
fn a_named_directory_is_made_and_one_that_cannot_be_is_told_before_anybody_is_asked() {
    let formats = "json, junit\nmarkdown";
    let pipeline = Pipeline::seeded(&[("INPUT_REPORT-DIR", "out/reports"), ("INPUT_REPORT", formats)]);
    let (finished, outputs) = pipeline.outputs();
    finished.expect_code(0);
    assert!(outputs["report-json"].ends_with("/out/reports/report.json"), "{outputs:?}");
    for name in ["report.json", "junit.xml", "summary.md", "comment.md"] {
        assert!(!pipeline.pair.program.read(&format!("out/reports/{name}")).is_empty(), "{name}");
    }
    let pipeline = Pipeline::seeded(&[("INPUT_REPORT-DIR", "crossdock.yaml/reports")]);
    let finished = pipeline.run().expect_code(4);
    assert!(finished.stdout.contains("the input report-dir is wrong"), "{}", finished.stdout);
    pipeline.assert_nobody_was_asked();
}

#[test]
fn outputs_that_cannot_be_written_make_the_step_red() {
    let pipeline = Pipeline::seeded(&[("GITHUB_OUTPUT", "/no/such/directory/output")]);
    let finished = pipeline.run().expect_code(1);
    assert!(
        finished.stdout.contains("error: /no/such/directory/output cannot be written"),
        "{}",
        finished.stdout
    );
    assert!(pipeline.pair.target.complete("app", "1.0"), "what was to be done was done");
}

/// As root, in a workspace of somebody else, what is left there is theirs. As anybody else, it is ours.
#[test]
fn what_is_left_in_the_workspace_belongs_to_whom_the_workspace_belongs() {
    let pipeline = Pipeline::seeded(&[("INPUT_REPORT-DIR", "new/reports"), ("INPUT_COMMAND", "plan")]);
    let work = pipeline.pair.program.work();
    let (user, group) = match fs::metadata(&work).expect("ours").uid() {
        0 => {
            chown(&work, Some(RUNNER.0), Some(RUNNER.1)).expect("root may");
            RUNNER
        }
        ours => (ours, fs::metadata(&work).expect("ours").gid()),
    };
    pipeline.run().expect_code(0);
    for name in
        ["new", "new/reports", "new/reports/report.json", "new/reports/comment.md", "new/reports/plan.json"]
    {
        let file = fs::metadata(work.join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!((file.uid(), file.gid()), (user, group), "{name}");
        let mode = file.permissions().mode() & 0o044;
        assert_eq!(mode, 0o044, "{name} can be read by later steps");
    }
}
