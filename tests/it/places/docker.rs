//! `docker-archive:`: what skopeo writes as `docker save` did is pushed by us.

use crate::bed::digest::sha256;
use crate::bed::images::{Format, one_platform};
use crate::bed::program::files_below;
use crate::bed::skopeo::Skopeo;
use crate::commands::pair::Pair;
use std::fs;
use std::process::Command;

#[test]
fn what_skopeo_saved_is_pushed_with_its_config_as_it_is() {
    let (pair, skopeo) = (Pair::new(), Skopeo::new());
    let image = one_platform(3, Format::Docker);
    pair.source.seed(&image, "team/app", &["1.0"]);
    let saved = pair.program.work().join("saved.tar");
    let source = format!("docker://{}/team/app:1.0", pair.source.host());
    let target = format!("docker-archive:{}:team/app:1.0", saved.display());
    skopeo.copy_one(&source, &target, "amd64").expect("saved");
    pair.mirrors(
        "- { source: docker-archive:saved.tar, target: TARGET/bare }\n\
         - { source: docker-archive:saved.tar//team/app, target: TARGET/short }\n\
         - { source: \"docker-archive:saved.tar//**\", target: \"TARGET/all/{repository}\" }",
    );
    pair.run(&["sync"]).expect_code(0);
    pair.run(&["verify"]).expect_code(0);
    let raw = |repository: &str| {
        skopeo.inspect_raw(&format!("docker://{}/{repository}:1.0", pair.target.host())).expect("pushed")
    };
    let manifest: serde_json::Value = serde_json::from_slice(&raw("bare")).expect("JSON");
    // The image's ID is the digest of its config, and stays.
    assert_eq!(manifest["config"]["digest"], sha256(&config_of(&saved)), "{manifest:#}");
    for repository in ["short", "all/docker.io/team/app"] {
        assert_eq!(raw(repository), raw("bare"), "the manifest is the same whenever it is made");
        assert!(pair.target.complete(repository, "1.0"));
    }
    // A second run has nothing to do.
    pair.forget();
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.requests().writes().is_empty());
}

/// The config in an archive that skopeo wrote, unpacked by tar.
fn config_of(archive: &std::path::Path) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let unpacked = Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(folder.path()).status();
    assert!(unpacked.expect("tar").success());
    let configs = files_below(folder.path()).into_iter();
    let config = configs.into_iter().find(|name| name.len() == 64 + 5 && name.ends_with(".json"));
    fs::read(folder.path().join(config.expect("a config"))).expect("there")
}
