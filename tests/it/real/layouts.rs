//! Images of every kind from layouts to a docker-registry, and back to one layout for all.

use super::cargo::{Cargo, TAG};
use crate::bed::distribution::Distribution;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;

#[test]
fn every_kind_of_image_goes_from_layouts_to_a_registry_and_back() {
    let (cargo, skopeo, program) = (Cargo::new(), Skopeo::new(), Program::new());
    let registry = Distribution::plain();
    cargo.write_layouts(&program.work().join("in"));
    let head = format!("version: 1\nregistries:\n  {}: {{ plain_http: true }}\nmirrors:\n", registry.host());
    let to = format!("{}/", registry.host());
    program.write("in.yaml", &format!("{head}{}", cargo.rules("oci:in/", &to)));
    program.run(&["sync", "--spec", "in.yaml"]).expect_code(0);
    cargo.assert_at(&skopeo, &to);

    program.write("out.yaml", &format!("{head}{}", cargo.rules(&to, "oci:out/")));
    program.run(&["sync", "--spec", "out.yaml"]).expect_code(0);
    cargo.assert_layouts(&skopeo, &program.work().join("out"));
    program.run(&["check", "--spec", "out.yaml"]).expect_code(0);
}

#[test]
fn one_layout_holds_images_of_many_repositories() {
    let (cargo, program) = (Cargo::new(), Program::new());
    let (source, target) = (Distribution::plain(), Distribution::plain());
    let skopeo = Skopeo::new();
    cargo.load(&skopeo, source.host());
    let head = format!(
        "version: 1\nregistries:\n  {}: {{ plain_http: true }}\n  {}: {{ plain_http: true }}\nmirrors:\n",
        source.host(),
        target.host()
    );
    let (from, to) = (format!("{}/", source.host()), format!("{}/", target.host()));
    program.write("out.yaml", &format!("{head}{}", cargo.rules(&from, "oci:all//")));
    program.run(&["sync", "--spec", "out.yaml"]).expect_code(0);
    program.write("in.yaml", &format!("{head}{}", cargo.rules("oci:all//", &to)));
    program.run(&["sync", "--spec", "in.yaml"]).expect_code(0);
    cargo.assert_at(&skopeo, &to);
    let index = program.read("all/index.json");
    assert!(index.matches(TAG).count() >= 5, "{index}");
}
