//! Images that travel as files, by way of a folder or of a registry that is thrown away.

use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::Registry;
use crate::bed::program::Program;
use crossdock::import::Tool::ImageTransfer;

#[test]
fn s3_01_s3_03_s3_05_images_go_through_a_folder_once_as_they_are_compressed() {
    let (source, target, program) = (Registry::start(), Registry::start(), Program::new());
    let image = two_platforms(7, Format::Docker);
    source.seed(&image, "team/app", &["1.0", "stable"]);
    target.create("dev/app");
    let plain = |host: &str| format!("{{ \"{host}\": {{ plain_http: true }} }}");
    let spec = |registries: &str, source: &str, target: &str| {
        format!(
            "version: 1\nregistries: {registries}\nmirrors:\n- {{ source: \"{source}\", target: \"{target}\" }}\n"
        )
    };
    let out = spec(&plain(&source.host()), &format!("{}/team/app", source.host()), "oci:usb/app");
    program.write("out.yaml", &out);
    program.run(&["sync", "--spec", "out.yaml"]).expect_code(0);
    // Each blob once, however many tags name it.
    let blobs = std::fs::read_dir(program.work().join("usb/app/blobs/sha256")).expect("a layout").flatten();
    let carried: u64 = blobs.map(|blob| blob.metadata().expect("a file").len()).sum();
    let manifests: usize = image.manifests.iter().map(|manifest| manifest.bytes.len()).sum();
    assert_eq!(carried, image.blobs_bytes() + manifests as u64);
    let into = spec(&plain(&target.host()), "oci:usb/app", &format!("{}/dev/app", target.host()));
    program.write("in.yaml", &into);
    program.run(&["sync", "--spec", "in.yaml"]).expect_code(0);
    assert_eq!(target.tag("dev/app", "stable"), Some(image.digest()));
    assert!(target.complete("dev/app", "1.0"));
}

#[test]
fn s3_02_what_docker_saves_is_no_source_and_that_is_said() {
    let wrong =
        super::faults(ImageTransfer, "rule.yaml", "docker-archive:./nginx.tar: r.example.com/a/nginx\n");
    assert!(wrong.starts_with("rule.yaml:1:1: "), "{wrong}");
}

#[test]
fn s3_04_a_registry_that_is_thrown_away_is_spoken_to_without_tls() {
    let files = [
        ("security.yaml", "localhost:12345: { insecure: true }\n"),
        ("rule.yaml", "quay.io/a/nginx:1: localhost:12345/dev/nginx\n"),
    ];
    let imported = super::import(ImageTransfer, &files).expect("it is good");
    assert!(imported.text.contains("  localhost:12345:\n    plain_http: true\n"), "{}", imported.text);
}
