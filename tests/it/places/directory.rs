//! `dir:`: skopeo reads what we wrote, and we read what skopeo wrote.

use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::RequestKind;
use crate::bed::skopeo::Skopeo;
use crate::commands::pair::Pair;

#[test]
fn a_directory_goes_to_skopeo_and_back() {
    let (pair, skopeo) = (Pair::new(), Skopeo::new());
    for (seed, format) in [(1, Format::Oci), (2, Format::Docker)] {
        let image = two_platforms(seed, format);
        let (name, ours, theirs) = (format!("app{seed}"), format!("ours{seed}"), format!("theirs{seed}"));
        pair.source.seed(&image, &name, &["1.0"]);
        let path = |folder: &str| format!("dir:{}", pair.program.work().join(folder).display());
        pair.mirrors(&format!("- {{ source: SOURCE/{name}, target: \"dir:{ours}\", tags: [\"1.0\"] }}"));
        pair.run(&["sync"]).expect_code(0);
        assert_eq!(skopeo.inspect_raw(&path(&ours)).expect("skopeo reads it"), image.root().bytes);
        skopeo.copy_all(&path(&ours), &path(&theirs)).expect("skopeo finds all of it");

        // A second run has nothing to do, and an image is what skopeo made of it.
        pair.forget();
        pair.run(&["sync"]).expect_code(0);
        assert_eq!(pair.source.requests().count(RequestKind::BlobGet), 0, "nothing is brought twice");
        pair.mirrors(&format!("- {{ source: \"dir:{theirs}\", target: TARGET/{name} }}"));
        pair.run(&["sync"]).expect_code(0);
        assert!(pair.target.complete(&name, "latest"));
        pair.run(&["verify"]).expect_code(0);
    }
}

#[test]
fn two_tags_do_not_share_a_directory() {
    let pair = Pair::new();
    for (seed, tag) in [(1, "1.0"), (2, "2.0")] {
        pair.source.seed(&two_platforms(seed, Format::Oci), "app", &[tag]);
    }
    pair.mirrors("- { source: SOURCE/app, target: \"dir:out\", tags: [\"1.0\", \"2.0\"] }");
    let told = pair.run(&["lint"]).expect_code(4);
    assert!(told.stderr.contains("would be written from"), "{}", told.stderr);
    assert!(told.stderr.contains("a directory holds one image"), "{}", told.stderr);
    pair.mirrors("- { source: SOURCE/app, target: \"dir:out\", tags: [\"*\"] }");
    let (_, report) = pair.report(&["sync"]);
    for item in report["items"].as_array().expect("items") {
        assert_eq!(item["error"]["code"], "refused", "{item:#}");
    }
    assert!(!pair.program.work().join("out/manifest.json").exists());
}
