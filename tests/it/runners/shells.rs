//! What the entry point makes way for.

use crate::bed::container::{Container, Entry, Image};

#[test]
fn a_shell_gets_its_arguments_its_exit_code_and_the_number_of_the_first_process() {
    for shell in ["sh", "/bin/sh", "bash", "/bin/bash"] {
        let container = Container::of(Image::Full);
        let finished =
            container.start(Entry::Image(&[shell, "-c", "echo $$ \"$1\"; exit 7", "x", "a b"])).wait();
        let finished = finished.expect_code(7);
        assert_eq!(finished.stdout, "1 a b\n", "{shell}");
    }
}

#[test]
fn an_image_without_a_shell_says_so() {
    let finished = Container::of(Image::Bare).start(Entry::Image(&["sh", "-c", "true"])).wait();
    let finished = finished.expect_code(127);
    assert!(finished.stderr.contains("-bare has no shell"), "{}", finished.stderr);
}

#[test]
fn every_program_of_the_full_image_is_there() {
    let list = "sh env cat tail head grep rm mv sed tr tar gzip";
    let script =
        format!("for name in {list}; do command -v $name >/dev/null || echo $name; done; /usr/bin/env true");
    let finished = Container::of(Image::Full).start(Entry::Other(&["/bin/sh", "-c", &script])).wait();
    assert_eq!(finished.expect_code(0).stdout, "");
}

#[test]
fn both_images_are_the_program_for_every_other_word() {
    for image in [Image::Full, Image::Bare] {
        let finished = Container::of(image).user(1234, 1234).start(Entry::Image(&["--version"])).wait();
        assert_eq!(finished.expect_code(0).stdout, concat!("crossdock ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}
