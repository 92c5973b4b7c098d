//! The same with registries and readers that are not ours.

use super::attested;
use crate::bed::distribution::Distribution;
use crate::bed::memory::Registry;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use serde_json::Value;

fn mirrored(target: &str, keys: &str) -> (Program, Registry) {
    let (source, program) = (Registry::start(), Program::new());
    source.seed(&attested(), "app", &["1.0"]);
    let spec = format!(
        "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\n  {target}: {{ plain_http: true }}\nmirrors:\n\
         \x20 - {{ source: {0}/app, target: {target}/app, tags: ['1.0'], {keys} }}\n",
        source.host()
    );
    program.write("crossdock.yaml", &spec);
    (program, source)
}

#[test]
fn docker_registry_takes_what_is_made_and_skopeo_copies_it_whole() {
    let (target, other, skopeo) = (Distribution::plain(), Distribution::plain(), Skopeo::new());
    for (keys, count, media_type) in [
        ("platforms: [linux/amd64, linux/arm64]", 4, "application/vnd.oci.image.index.v1+json"),
        ("platforms: [linux/arm64]", 2, "application/vnd.oci.image.index.v1+json"),
        ("format: docker", 3, "application/vnd.docker.distribution.manifest.list.v2+json"),
    ] {
        let (program, _source) = mirrored(target.host(), keys);
        program.run(&["sync"]).expect_code(0);
        program.run(&["check"]).expect_code(0);
        let reference = format!("docker://{}/app:1.0", target.host());
        let raw = skopeo.inspect_raw(&reference).expect("skopeo reads it");
        let document: Value = serde_json::from_slice(&raw).expect("JSON");
        assert_eq!(document["manifests"].as_array().map(Vec::len), Some(count), "{keys}");
        assert_eq!(document["mediaType"], media_type);
        let copy = format!("docker://{}/app:1.0", other.host());
        skopeo.copy_all(&reference, &copy).expect("skopeo copies all of it");
        assert_eq!(skopeo.inspect_raw(&copy).expect("there"), raw);
    }
}

#[test]
fn docker_registry_takes_no_sparse_index_and_that_is_told() {
    let target = Distribution::plain();
    let (program, _source) = mirrored(target.host(), "platforms: [linux/arm64], index: sparse");
    let finished = program.run(&["sync"]).expect_code(1);
    assert!(finished.stdout.contains("`index: rewrite`"), "{}{}", finished.stdout, finished.stderr);
}
