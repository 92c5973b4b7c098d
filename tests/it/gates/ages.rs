//! `min_age`: by the creation time in the config, the newest of what is mirrored.

use super::{attested, count, line, made, rule, synced, why};
use crate::bed::images::{Image, one_platform};
use crate::bed::memory::RequestKind;
use crate::commands::pair::Pair;

const OLD: Option<&str> = Some("2020-01-02T03:04:05.678Z");
const YOUNG: Option<&str> = Some("2999-01-01T00:00:00Z");

/// What becomes of an image with a least age of a week.
fn outcome(image: &Image, keys: &str) -> (Pair, String) {
    let pair = Pair::new();
    pair.source.seed(image, "app", &["1.0"]);
    pair.mirrors(&rule(&format!("tags: '1.0'\nmin_age: 7d\n{keys}")));
    pair.forget();
    let (_, report) = pair.report(&["sync"]);
    let told = line(&super::outcomes(&report));
    (pair, told)
}

#[test]
fn the_newest_platform_that_is_mirrored_decides() {
    let mixed = attested(&[made("linux/amd64", 1, OLD), made("linux/arm64", 2, YOUNG)]);
    let (pair, told) = outcome(&mixed, "");
    assert_eq!(told, "1.0 refused refused");
    assert_eq!(why(&pair), "`min_age`: it was made at 2999-01-01T00:00:00Z, less than 1w ago");
    assert_eq!(pair.target.tags("mirror/app").len(), 0);
    let (pair, told) = outcome(&mixed, "platforms: linux/amd64");
    assert_eq!(told, "1.0 created");
    // Its index and two manifests; a config for the gate, and all blobs for the copy.
    assert_eq!(count(&pair.source, RequestKind::ManifestGet), 3, "{}", pair.source.requests());
    assert_eq!(count(&pair.source, RequestKind::BlobGet), 1 + 3 + 2, "{}", pair.source.requests());
    assert_eq!(line(&synced(&pair, 0)), "1.0 current");
    assert_eq!(count(&pair.source, RequestKind::BlobGet), 0, "what is there is not asked for its age");
}

#[test]
fn who_does_not_say_when_is_refused_with_that_reason() {
    for image in [
        made("linux/amd64", 1, None),
        // As reproducible builds write it.
        one_platform(1, crate::bed::images::Format::Docker),
        made("linux/amd64", 1, Some("yesterday")),
        attested(&[made("linux/amd64", 1, OLD), made("linux/arm64", 2, None)]),
    ] {
        let (pair, told) = outcome(&image, "");
        assert_eq!(told, "1.0 refused refused");
        assert!(why(&pair).contains("it cannot be judged, because"), "{}", why(&pair));
        assert_eq!(count(&pair.target, RequestKind::ManifestPut), 0);
    }
}

#[test]
fn an_artifact_without_an_image_has_no_age() {
    let chart = crate::bed::images::artifact(&made("linux/amd64", 1, OLD), "application/x.chart", 1);
    let (pair, told) = outcome(&chart, "");
    assert_eq!(told, "1.0 refused refused");
    assert!(why(&pair).contains("has no creation time"), "{}", why(&pair));
}

#[test]
fn an_old_image_passes_and_a_platform_that_is_no_image_is_not_asked() {
    let (pair, told) = outcome(&attested(&[made("linux/amd64", 1, OLD)]), "");
    assert_eq!(told, "1.0 created", "the attestation says nothing of its age");
    assert!(pair.target.complete("mirror/app", "1.0"));
}
