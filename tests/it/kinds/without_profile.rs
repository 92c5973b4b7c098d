//! A registry of which the spec says nothing, behind a name that tells nothing: what it shows in the
//! run has to do.

use super::large::large;
use super::{Format, Personality, RequestKind, Stage, one_platform, sharing, table};
use crate::bed::memory::{Locations, Options};

/// Whether it mounts blobs.
fn mounts(personality: Personality) -> bool {
    !matches!(personality, Personality::Ecr | Personality::EcrPublic | Personality::Gar)
}

#[test]
fn every_registry_is_filled_without_its_profile_too() {
    table(|personality| {
        let format = if personality == Personality::Swr { Format::Docker } else { Format::Oci };
        let stage = Stage::new(personality).unknown().prepared(&["mirror/app", "mirror/other"]);
        stage.other.seed(&one_platform(1, format), "app", &["1.0"]);
        stage.other.seed(&sharing(1, format), "other", &["1.0"]);
        let stage = stage.pushing("app", "mirror/app", "['1.0']").pushing("other", "mirror/other", "['1.0']");
        stage.sync().expect("exit 0: created 2");
        // Four blobs, and one of them once more where it cannot be mounted.
        let sent = stage.kind.requests().count(RequestKind::UploadPut);
        let once = if mounts(personality) { 4 } else { 5 };
        assert_eq!(sent, once, "{personality:?}\n{}", stage.kind.requests());
        String::new()
    });
}

#[test]
fn a_layer_that_is_too_large_for_one_request_is_sent_in_pieces_after_all() {
    let stage = large(Personality::Acr).unknown();
    stage.sync().expect("exit 0: created 1");
}

#[test]
fn the_place_of_an_upload_is_found_in_whatever_form_it_is_told() {
    for locations in [Locations::Absolute, Locations::Relative, Locations::Bare, Locations::Schemeless] {
        let options =
            Options::like(Personality::Distribution3).but(|traits| traits.uploads.locations = locations);
        let stage = Stage::with(Personality::Distribution3, options).pushing("app", "mirror/app", "['1.0']");
        stage.other.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
        stage.sync().expect("exit 0: created 1");
        assert!(stage.kind.complete("mirror/app", "1.0"), "{locations:?}");
    }
}
