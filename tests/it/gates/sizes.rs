//! `max_size`: the bytes of all that would be mirrored, from manifests only.

use super::{attested, count, line, made, rule, synced, why};
use crate::bed::memory::RequestKind;
use crate::commands::pair::Pair;

/// Two platforms that share a layer, and how many bytes each of them alone has.
fn seeded() -> (Pair, u64, u64) {
    let pair = Pair::new();
    let parts =
        ["linux/amd64", "linux/arm64"].map(|platform| made(platform, 1 + platform.len() as u64, None));
    let image = attested(&parts);
    pair.source.seed(&image, "app", &["1.0"]);
    (pair, image.blobs_bytes(), parts[1].blobs_bytes())
}

#[test]
fn an_image_that_is_too_large_is_refused_in_plan_report_and_exit_code() {
    let (pair, bytes, _) = seeded();
    let small = made("linux/amd64", 9, None);
    pair.source.seed(&small, "app", &["2.0"]);
    pair.mirrors(&rule(&format!("tags: ['1.0', '2.0']\nmax_size: {}", bytes - 1)));
    pair.run(&["plan", "-o", "plan.json"]).expect_code(6);
    assert_eq!(line(&synced(&pair, 6)), "1.0 refused refused, 2.0 created");
    assert_eq!(
        why(&pair),
        format!("`max_size`: its blobs have {bytes} bytes, more than {} bytes", bytes - 1)
    );
    assert_eq!(pair.target.tags("mirror/app").into_keys().collect::<Vec<_>>(), ["2.0"]);
    let plan: serde_json::Value = serde_json::from_str(&pair.program.read("plan.json")).expect("JSON");
    assert_eq!(plan["entries"][0]["targets"][0]["reason"], "maxSize");
    // A plan that was made keeps to what it says.
    let applied = pair.report(&["apply", "plan.json"]);
    applied.0.expect_code(6);
    assert_eq!(line(&super::outcomes(&applied.1)), "1.0 refused refused, 2.0 current");
}

#[test]
fn each_blob_counts_once_and_only_platforms_that_are_mirrored() {
    let (pair, bytes, one_bytes) = seeded();
    for (keys, least) in [
        ("", bytes),
        ("platforms: linux/arm64", one_bytes),
        ("platforms: linux/arm64\nindex: single", one_bytes),
    ] {
        let spec = |most: u64| rule(&format!("tags: '1.0'\nmax_size: {most}\n{keys}"));
        pair.mirrors(&spec(least - 1));
        assert_eq!(line(&synced(&pair, 6)), "1.0 refused refused", "{keys}");
        assert_eq!(pair.target.tag("mirror/app", "1.0"), None);
        pair.mirrors(&spec(least));
        assert_eq!(line(&synced(&pair, 0)), "1.0 created", "{keys}");
        pair.target.remove_tag("mirror/app", "1.0");
    }
}

#[test]
fn what_a_sparse_index_leaves_out_does_not_count() {
    let (pair, _, one_bytes) = seeded();
    for (most, code) in [(one_bytes - 1, 6), (one_bytes, 0)] {
        let keys = format!("tags: '1.0'\nmax_size: {most}\nplatforms: linux/arm64\nindex: sparse");
        pair.mirrors(&rule(&keys));
        pair.run(&["plan"]).expect_code(code);
    }
}

#[test]
fn what_passes_costs_no_request_twice_and_what_is_there_none() {
    let (pair, bytes, _) = seeded();
    pair.mirrors(&rule(&format!("tags: ['*']\nmax_size: {bytes}")));
    assert_eq!(line(&synced(&pair, 0)), "1.0 created");
    assert_eq!(count(&pair.source, RequestKind::ManifestGet), 4, "{}", pair.source.requests());
    // From now on it is current, whatever its size.
    pair.mirrors(&rule("tags: ['*']\nmax_size: 1"));
    assert_eq!(line(&synced(&pair, 0)), "1.0 current");
    assert_eq!(count(&pair.source, RequestKind::ManifestGet), 0, "{}", pair.source.requests());
}

#[test]
fn an_image_that_cannot_be_read_is_refused_because_nobody_knows() {
    let pair = Pair::new();
    let mut image = attested(&[made("linux/amd64", 1, None)]);
    let child = image.manifests.remove(0);
    pair.source.seed(&image, "app", &["1.0"]);
    pair.mirrors(&rule("tags: '1.0'\nmax_size: 1TiB"));
    synced(&pair, 6);
    let message = format!("its manifest {} is not there or cannot be read", child.digest);
    assert!(why(&pair).contains(&message), "{}", why(&pair));
}
