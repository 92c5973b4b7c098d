//! What cannot be worked with: specs that are missing, not text, or wrong.

use super::pair::Pair;
use crate::bed::program::Program;
use crate::transcript::transcript;

fn told(program: &Program, arguments: &[&str]) -> String {
    transcript(program, &program.normal(), arguments)
}

#[test]
fn no_spec_is_found() {
    insta::assert_snapshot!(told(&Program::new(), &["sync"]));
}

#[test]
fn the_spec_that_was_named_is_not_there() {
    insta::assert_snapshot!(told(&Program::new(), &["sync", "--spec", "mirror.yaml"]));
}

#[test]
fn a_spec_that_is_a_folder_cannot_be_read() {
    let program = Program::new();
    program.write("folder/x", "");
    insta::assert_snapshot!(told(&program, &["sync", "--spec", "folder"]));
}

#[test]
fn a_spec_that_is_not_text_is_refused() {
    let program = Program::new();
    std::fs::write(program.work().join("crossdock.yaml"), b"version: 1\nmirrors: \xff\xfe\n").expect("ours");
    insta::assert_snapshot!(told(&program, &["sync"]));
}

#[test]
fn the_problems_of_a_spec_are_shown_and_nothing_else() {
    let pair = Pair::new();
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tagz: [latest]");
    insta::assert_snapshot!(pair.transcript(&["sync"]));
}

#[test]
fn the_second_default_path_is_found_too() {
    let pair = Pair::new();
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tags: [latest]");
    let text = pair.program.read("crossdock.yaml");
    std::fs::remove_file(pair.program.work().join("crossdock.yaml")).expect("ours");
    pair.program.write(".github/crossdock.yaml", &text);
    let finished = pair.run(&["lint"]).expect_code(0);
    assert_eq!(finished.stdout, ".github/crossdock.yaml: 1 rule, no problems.\n");
}
