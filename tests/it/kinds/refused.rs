//! A registry without room, and one that takes no writes.

use super::{Format, Personality, Stage, bob, one_platform, table};
use crate::bed::memory::{Options, Writes};

fn stage(stage: Stage) -> Stage {
    let format = if stage.personality == Personality::Swr { Format::Docker } else { Format::Oci };
    stage.other.seed(&one_platform(1, format), "app", &["1.0"]);
    stage.prepared(&["mirror/app"]).pushing("app", "mirror/app", "['1.0']")
}

#[test]
fn a_registry_without_room_is_told_from_one_that_denies() {
    table(|personality| {
        let stage = stage(Stage::new(personality));
        stage.kind.fill_up();
        let run = stage.sync();
        run.expect("exit 1: target_full 1");
        assert!(run.hint().starts_with("free space"), "{personality:?} {}", run.hint());
        String::new()
    });
}

#[test]
fn a_registry_that_takes_no_writes_is_told_as_such() {
    table(|personality| {
        let options = Options::like(personality).users(bob()).writes(Writes::Refused);
        let stage = stage(Stage::with(personality, options));
        let run = stage.sync();
        run.expect("exit 1: read_only 1");
        assert!(run.hint().starts_with("the target takes no writes"), "{personality:?} {}", run.hint());
        String::new()
    });
}
