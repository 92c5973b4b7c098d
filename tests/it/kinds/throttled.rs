//! Registries that ask for patience, each in its own words.

use super::{Format, Personality, RequestKind, Stage, one_platform, table};
use crate::bed::memory::{Behaviour, Rule};

/// A rule by which the first two requests of a kind are too many.
fn too_many(personality: Personality, kind: RequestKind) -> Rule {
    Rule::on(kind).first(2).then(Behaviour::Answer(personality.throttled()))
}

#[test]
fn a_target_that_is_asked_too_often_gets_everything_in_the_end() {
    table(|personality| {
        let format = if personality == Personality::Swr { Format::Docker } else { Format::Oci };
        let stage =
            Stage::new(personality).prepared(&["mirror/app"]).pushing("app", "mirror/app", "['1.0', '1.1']");
        stage.other.seed(&one_platform(1, format), "app", &["1.0"]);
        stage.other.seed(&one_platform(2, format), "app", &["1.1"]);
        // Where lists have digests, one list is what is asked.
        let look = match personality {
            Personality::Gar => RequestKind::TagList,
            _ => RequestKind::ManifestHead,
        };
        let kinds = [look, RequestKind::UploadPut, RequestKind::ManifestPut];
        let tallies = kinds.map(|kind| stage.kind.rule(too_many(personality, kind)));
        stage.sync().expect("exit 0: created 2");
        assert!(tallies.iter().all(|tally| tally.acted() == 2), "{personality:?}");
        assert!(["1.0", "1.1"].iter().all(|tag| stage.kind.complete("mirror/app", tag)));
        String::new()
    });
}

#[test]
fn a_source_that_is_asked_too_often_is_waited_for() {
    table(|personality| {
        let stage = Stage::new(personality).pulling("mirror/app", "copy", "['1.*']");
        stage.kind.seed(&one_platform(1, Format::Oci), "mirror/app", &["1.0", "1.1"]);
        let kinds = [RequestKind::TagList, RequestKind::ManifestGet, RequestKind::BlobGet];
        let tallies = kinds.map(|kind| stage.kind.rule(too_many(personality, kind)));
        stage.sync().expect("exit 0: created 2");
        assert!(tallies.iter().all(|tally| tally.acted() == 2), "{personality:?}");
        String::new()
    });
}
