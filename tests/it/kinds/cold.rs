//! An empty target, the same again, and a tag that moved.

use super::{Format, Personality, Run, Stage, one_platform, sharing, table, two_platforms};

/// What this registry takes no manifest of.
fn refuses(personality: Personality) -> Option<Format> {
    match personality {
        Personality::Swr => Some(Format::Oci),
        Personality::Zot => Some(Format::Docker),
        _ => None,
    }
}

/// An index and an image in OCI's format, an image in Docker's, and another repository that shares a
/// layer with the first.
fn stage(personality: Personality) -> Stage {
    let stage = Stage::new(personality).prepared(&["mirror/app", "mirror/other"]);
    stage.other.seed(&two_platforms(1, Format::Oci), "app", &["1.0"]);
    stage.other.seed(&one_platform(2, Format::Docker), "app", &["docker"]);
    stage.other.seed(&sharing(1, Format::Oci), "other", &["1.0"]);
    stage.pushing("app", "mirror/app", "['1.0', docker]").pushing("other", "mirror/other", "['1.0']")
}

fn is_there(stage: &Stage, source: &str, target: &str, tag: &str) -> bool {
    stage.kind.tag(target, tag) == stage.other.tag(source, tag) && stage.kind.complete(target, tag)
}

fn check_cold(stage: &Stage, run: &Run) {
    let refused = refuses(stage.personality);
    run.expect(match refused {
        None => "exit 0: created 3",
        Some(Format::Oci) => "exit 3: created 1, unsupported_manifest 2",
        Some(Format::Docker) => "exit 3: created 2, unsupported_manifest 1",
    });
    for (source, target, tag, format) in [
        ("app", "mirror/app", "1.0", Format::Oci),
        ("app", "mirror/app", "docker", Format::Docker),
        ("other", "mirror/other", "1.0", Format::Oci),
    ] {
        let there = is_there(stage, source, target, tag);
        assert_eq!(there, refused != Some(format), "{:?} {target}:{tag}", stage.personality);
    }
}

#[test]
fn an_empty_target_is_filled_and_nothing_is_sent_twice() {
    insta::assert_snapshot!(table(|personality| {
        let stage = stage(personality);
        let run = stage.sync();
        check_cold(&stage, &run);
        run.told_with(&stage)
    }));
}

#[test]
fn a_second_run_writes_nothing() {
    insta::assert_snapshot!(table(|personality| {
        let stage = stage(personality);
        stage.sync();
        if let Some(format) = refuses(personality) {
            // What it refused is replaced by something that it takes.
            let (tag, taken) =
                if format == Format::Oci { ("1.0", Format::Docker) } else { ("docker", Format::Oci) };
            stage.other.seed(&one_platform(3, taken), "app", &[tag]);
            stage.other.seed(&one_platform(4, taken), "other", &["1.0"]);
            stage.sync();
        }
        let run = stage.sync();
        run.expect("exit 0: current 3");
        let writes = stage.kind.requests().writes();
        assert!(writes.iter().all(|write| write.status == Some(401)), "{personality:?}\n{writes}");
        run.told_with(&stage)
    }));
}

#[test]
fn a_tag_that_moved_costs_what_is_new() {
    insta::assert_snapshot!(table(|personality| {
        let format = if refuses(personality) == Some(Format::Oci) { Format::Docker } else { Format::Oci };
        let stage = Stage::new(personality).prepared(&["mirror/app"]).pushing("app", "mirror/app", "['1.0']");
        stage.other.seed(&one_platform(1, format), "app", &["1.0"]);
        stage.sync().expect("exit 0: created 1");
        // The layer with the same seed is in both.
        stage.other.seed(&two_platforms(1, format), "app", &["1.0"]);
        let run = stage.sync();
        run.expect("exit 0: updated 1");
        assert!(is_there(&stage, "app", "mirror/app", "1.0"), "{personality:?}");
        run.told_with(&stage)
    }));
}
