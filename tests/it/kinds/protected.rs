//! Tags that a registry holds on to.

use super::{Format, Personality, RequestKind, Stage, one_platform, table};
use crate::bed::memory::{Behaviour, Rule};

/// The format that the registry takes.
fn format(personality: Personality) -> Format {
    if personality == Personality::Swr { Format::Docker } else { Format::Oci }
}

/// The tag `1.0` is there, protected, and another image than at the source.
fn stage(personality: Personality) -> Stage {
    let stage = Stage::new(personality).prepared(&["mirror/app"]);
    stage.other.seed(&one_platform(1, format(personality)), "app", &["1.0", "1.1"]);
    stage.kind.seed(&one_platform(9, format(personality)), "mirror/app", &["1.0"]);
    stage.kind.protect("mirror/app", "1.0");
    stage.pushing("app", "mirror/app", "['1.0', '1.1']")
}

#[test]
fn a_protected_tag_is_refused_and_the_others_go_on() {
    insta::assert_snapshot!(table(|personality| {
        let stage = stage(personality);
        let before = stage.kind.tag("mirror/app", "1.0");
        let run = stage.sync();
        assert_eq!(stage.kind.tag("mirror/app", "1.0"), before, "{personality:?}");
        assert_eq!(stage.kind.tag("mirror/app", "1.1"), stage.other.tag("app", "1.1"), "{personality:?}");
        let tried = stage.kind.requests().of(RequestKind::ManifestPut);
        let tried = tried.iter().filter(|put| put.path.ends_with("/1.0") && put.status != Some(401)).count();
        assert_eq!(tried, 1, "{personality:?}: once is enough");
        format!("{}\n    {}", run.told(), run.hint())
    }));
}

#[test]
fn a_tag_that_was_written_although_nobody_heard_of_it_is_no_refusal() {
    table(|personality| {
        let stage = Stage::new(personality).prepared(&["mirror/app"]);
        stage.other.seed(&one_platform(1, format(personality)), "app", &["1.0"]);
        stage.kind.protect("mirror/app", "1.0");
        let stage = stage.pushing("app", "mirror/app", "['1.0']");
        // The manifest is stored, and the answer is lost: the next attempt meets the protected tag.
        let lost = stage.kind.rule(
            Rule::on(RequestKind::ManifestPut).path("/manifests/1.0$").first(1).then(Behaviour::DropAfter),
        );
        stage.sync().expect("exit 0: created 1");
        assert_eq!(lost.acted(), 1, "{personality:?}");
        String::new()
    });
}
