//! `oci-archive:` and `docker-archive:` as targets: skopeo reads what we wrote.

use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::RequestKind;
use crate::bed::skopeo::Skopeo;
use crate::commands::pair::Pair;

/// Where skopeo finds a file of the working directory.
fn path(pair: &Pair, kind: &str, rest: &str) -> String {
    format!("{kind}:{}", pair.program.work().join(rest).display())
}

#[test]
fn an_oci_archive_goes_to_skopeo_and_grows_with_the_next_run() {
    let (pair, skopeo) = (Pair::new(), Skopeo::new());
    let (first, second) = (two_platforms(1, Format::Oci), two_platforms(2, Format::Oci));
    pair.source.seed(&first, "app", &["1.0"]);
    pair.mirrors("- { source: SOURCE/app, target: \"oci-archive:out.tar\", tags: [\"*\"] }");
    let planned = pair.run(&["plan"]).expect_code(0);
    assert!(planned.stdout.contains("oci-archive:out.tar"), "{}", planned.stdout);
    assert!(!pair.program.work().join("out.tar").exists(), "a plan writes nothing");
    pair.run(&["sync", "--verify"]).expect_code(0);
    pair.run(&["verify"]).expect_code(0);
    let copied = |tag: &str| {
        let folder = path(&pair, "oci", &format!("copy-{tag}:{tag}"));
        skopeo.copy_all(&path(&pair, "oci-archive", &format!("out.tar:{tag}")), &folder).expect("all of it");
        skopeo.inspect_raw(&folder).expect("readable")
    };
    assert_eq!(copied("1.0"), first.root().bytes);

    pair.source.seed(&second, "app", &["2.0"]);
    pair.forget();
    pair.run(&["sync"]).expect_code(0);
    let fetched = pair.source.requests().count(RequestKind::BlobGet);
    let new = second.blobs.keys().filter(|digest| !first.blobs.contains_key(*digest)).count();
    assert!(fetched == new && new > 0, "only what is new is fetched, and not {fetched} of {new}");
    assert_eq!(copied("1.0"), first.root().bytes);
    assert_eq!(copied("2.0"), second.root().bytes);
    let left = pair.program.files().into_iter().filter(|file| file.contains("crossdock-partial"));
    assert_eq!(left.count(), 0);
    pair.forget();
    pair.run(&["sync"]).expect_code(0);
    pair.run(&["check", "--deep"]).expect_code(0);
    assert_eq!(pair.source.requests().count(RequestKind::BlobGet), 0);
}

#[test]
fn a_docker_archive_holds_images_of_one_platform_that_skopeo_finds_by_name() {
    let (pair, skopeo) = (Pair::new(), Skopeo::new());
    let image = two_platforms(1, Format::Oci);
    pair.source.seed(&image, "app", &["1.0"]);
    pair.source.seed(&one_platform(3, Format::Docker), "other", &["1.0"]);
    pair.mirrors("- { source: SOURCE/app, target: \"docker-archive:out.tar//team/app\", tags: [\"1.0\"] }");
    let refused = pair.run(&["sync"]);
    assert!(refused.stdout.contains("index: single"), "{}", refused.stdout);
    assert!(!pair.program.work().join("out.tar").exists());
    pair.mirrors(
        "- { source: SOURCE/app, target: \"docker-archive:out.tar//team/app\", tags: [\"1.0\"], platforms: [linux/amd64], index: single }\n\
         - { source: SOURCE/other, target: \"docker-archive:out.tar//other\", tags: [\"1.0\"] }",
    );
    pair.run(&["sync"]).expect_code(0);
    for (name, folder) in [("team/app:1.0", "one"), ("docker.io/library/other:1.0", "two")] {
        let source = path(&pair, "docker-archive", &format!("out.tar:{name}"));
        skopeo.copy_one(&source, &path(&pair, "dir", folder), "amd64").expect("skopeo finds all of it");
    }
    skopeo
        .copy_one(&path(&pair, "docker-archive", "out.tar:@0"), &path(&pair, "dir", "three"), "amd64")
        .expect("by number");
    // We read back what we wrote, digests and all.
    pair.mirrors("- { source: docker-archive:out.tar//other, target: TARGET/back }");
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.complete("back", "1.0"));
    let served = skopeo.inspect_raw(&format!("docker://{}/back:1.0", pair.target.host())).expect("pushed");
    assert_eq!(served, one_platform(3, Format::Docker).root().bytes);
}
