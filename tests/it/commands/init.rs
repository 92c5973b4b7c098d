//! `crossdock init`: what it writes is good as it stands, and nothing that is there is touched.

use crate::bed::program::Program;

const SPEC: &str = include_str!("../../../examples/init/crossdock.yaml");
const GITHUB: &str = include_str!("../../../examples/init/github.yml");

#[test]
fn a_spec_and_what_runs_it_are_written_and_the_spec_has_no_problem() {
    for (ci, path) in
        [("github", ".github/workflows/mirror.yml"), ("gitlab", ".gitlab-ci.yml"), ("jenkins", "Jenkinsfile")]
    {
        let program = Program::new();
        let said = program.run(&["init", "--ci", ci]).expect_code(0).stdout;
        assert!(said.starts_with(&format!("Written: crossdock.yaml, {path}. Next:")), "{said}");
        assert_eq!(program.files(), [format!("work/{path}"), "work/crossdock.yaml".to_owned()]);
        assert_eq!(program.read("crossdock.yaml"), SPEC);
        if ci == "github" {
            assert_eq!(program.read(path), GITHUB);
        }
        let linted = program.run(&["lint"]).expect_code(0);
        assert!(!linted.stdout.contains("warning"), "{}", linted.stdout);
    }
}

#[test]
fn what_is_there_stays_as_it_is_and_nothing_is_written_beside_it() {
    let program = Program::new();
    program.write("Jenkinsfile", "mine");
    let refused = program.run(&["init", "--ci", "jenkins"]).expect_code(4);
    assert!(refused.stderr.contains("Jenkinsfile is there already and stays as it is"), "{}", refused.stderr);
    assert_eq!(
        (program.files(), program.read("Jenkinsfile")),
        (vec!["work/Jenkinsfile".to_owned()], "mine".to_owned())
    );
    program.run(&["init"]).expect_code(0);
    assert_eq!(program.files(), ["work/Jenkinsfile", "work/crossdock.yaml"]);
    program.run(&["init"]).expect_code(4);
}

#[test]
fn where_one_file_cannot_be_written_the_others_are_taken_back() {
    let program = Program::new();
    program.write(".github", "a file where a directory is needed");
    let failed = program.run(&["init", "--ci", "github"]).expect_code(1);
    assert!(failed.stderr.contains(".github/workflows/mirror.yml cannot be written"), "{}", failed.stderr);
    assert_eq!(program.files(), ["work/.github"]);
}
