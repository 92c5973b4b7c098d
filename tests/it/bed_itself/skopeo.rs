//! Skopeo, which is not ours, takes the memory registry for a registry.

use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::Registry;
use crate::bed::skopeo::Skopeo;

#[test]
fn skopeo_copies_an_index_between_layouts_and_registries_byte_for_byte() {
    let image = two_platforms(1, Format::Oci);
    let (first, second) = (Registry::start(), Registry::start());
    let (from, to) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    image.write_layout(from.path(), "1.0");
    let stations = [
        format!("oci:{}:1.0", from.path().display()),
        format!("docker://{}/team/app:1.0", first.host()),
        format!("docker://{}/mirror/app:2.0", second.host()),
        format!("oci:{}:1.0", to.path().display()),
    ];
    let skopeo = Skopeo::new();
    for pair in stations.windows(2) {
        skopeo.copy_all(&pair[0], &pair[1]).expect("copied");
    }
    for station in &stations[1..3] {
        assert_eq!(skopeo.inspect_raw(station).expect("there"), image.root().bytes);
    }
    assert_eq!(first.missing("team/app", "1.0"), [""; 0]);
    assert_eq!(second.missing("mirror/app", "2.0"), [""; 0]);
    assert_eq!(skopeo.list_tags(&format!("docker://{}/team/app", first.host())), Ok(vec!["1.0".to_owned()]));
    for manifest in &image.manifests {
        let name = manifest.digest.trim_start_matches("sha256:");
        assert_eq!(std::fs::read(to.path().join("blobs/sha256").join(name)).expect("there"), manifest.bytes);
    }
}

#[test]
fn skopeo_copies_docker_images_byte_for_byte() {
    let image = two_platforms(2, Format::Docker);
    let (first, second) = (Registry::start(), Registry::start());
    first.seed(&image, "app", &["1.0"]);
    let target = format!("docker://{}/app:1.0", second.host());
    let skopeo = Skopeo::new();
    skopeo.copy_all(&format!("docker://{}/app:1.0", first.host()), &target).expect("copied");
    assert_eq!(skopeo.digest(&target), Ok(image.digest()));
    assert!(second.complete("app", "1.0"));
    assert!(first.requests().writes().is_empty());
}

#[test]
fn skopeo_tells_what_went_wrong() {
    let registry = Registry::start();
    let error = Skopeo::new().inspect_raw(&format!("docker://{}/app:1.0", registry.host()));
    let error = error.expect_err("nothing is there");
    assert!(error.contains("manifest unknown"), "{error}");
}
