//! Repositories that are not there, and rights that are not.

use super::{Format, Options, PASSWORD, Personality, Stage, Users, one_platform, table};

#[test]
fn a_target_that_nobody_made_is_made_or_told_to_be_made() {
    insta::assert_snapshot!(table(|personality| {
        let stage = Stage::new(personality).pushing("app", "mirror/app", "['1.0']");
        let format = if personality == Personality::Swr { Format::Docker } else { Format::Oci };
        stage.other.seed(&one_platform(1, format), "app", &["1.0"]);
        let run = stage.sync();
        assert_eq!(run.hint().is_empty(), run.finished.code == Some(0), "{personality:?}");
        format!("{}\n    {}", run.told_with(&stage), run.hint()).trim_end().to_owned()
    }));
}

#[test]
fn who_may_only_read_is_told_so_and_not_asked_again_and_again() {
    insta::assert_snapshot!(table(|personality| {
        let reader = Users::new().user("bob", PASSWORD).allow("bob", "mirror/*", "pull");
        let stage = Stage::with(personality, Options::like(personality).users(reader));
        let stage = stage.prepared(&["mirror/app"]).pushing("app", "mirror/app", "['1.0']");
        stage.other.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
        let run = stage.sync();
        assert_eq!(run.finished.code, Some(5), "{personality:?} {}", run.told());
        assert!(stage.kind.requests().len() < 20, "{personality:?}\n{}", stage.kind.requests());
        assert_eq!(stage.kind.tag("mirror/app", "1.0"), None);
        format!("{}\n    {}", run.told(), run.hint())
    }));
}

#[test]
fn a_source_that_is_not_there_is_a_failure_with_a_name() {
    table(|personality| {
        let stage = Stage::new(personality).prepared(&["mirror/there"]);
        let stage = stage.pulling("mirror/ghost", "copy", "['1.0']").pulling("mirror/ghost", "all", "['*']");
        let run = stage.sync();
        run.expect("exit 1: not_found 2");
        assert!(run.hint().starts_with("check the name"), "{personality:?} {}", run.hint());
        String::new()
    });
}

#[test]
fn what_is_private_wants_somebody_to_log_in() {
    table(|personality| {
        let stage = Stage::new(personality).pulling("mirror/app", "copy", "['1.0']");
        stage.kind.seed(&one_platform(1, Format::Oci), "mirror/app", &["1.0"]);
        let run = stage.sync_as("credentials: { anonymous: true }");
        run.expect("exit 5: unauthenticated 1");
        assert!(run.hint().contains("private repositories"), "{personality:?} {}", run.hint());
        assert!(stage.kind.requests().len() <= 4, "{personality:?}\n{}", stage.kind.requests());
        String::new()
    });
}
