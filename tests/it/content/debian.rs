//! Images of real packages, for two architectures, from one docker-registry to another.

use crate::bed::distribution::Distribution;
use crate::bed::images::{Format, Image, Layer, Recipe, index};
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use crate::bed::tools;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The packages that `.ci/setup` fetched, by their architectures as OCI calls them.
fn packages() -> BTreeMap<String, Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debian");
    let mut packages = BTreeMap::<String, Vec<PathBuf>>::new();
    for file in fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let Some((_, architecture)) = name.strip_suffix(".deb").and_then(|name| name.rsplit_once('_')) else {
            continue;
        };
        let architecture = if architecture == "i386" { "386" } else { architecture };
        packages.entry(architecture.to_owned()).or_default().push(file);
    }
    assert!(packages.len() >= 2, "{} has no packages of two architectures: run .ci/setup", folder.display());
    packages.values_mut().for_each(|files| files.sort());
    packages
}

/// An image for each architecture, a layer for each package.
fn image(packages: &BTreeMap<String, Vec<PathBuf>>) -> Image {
    let part = |(architecture, files): (&String, &Vec<PathBuf>)| {
        let recipe =
            Recipe::new(1).platform(&format!("linux/{architecture}")).label("org.example.base", "debian");
        let unpack = |file: &PathBuf| {
            let mut command = Command::new(tools::find("dpkg-deb", "dpkg"));
            tools::run(command.arg("--fsys-tarfile").arg(file)).expect("dpkg-deb reads a package")
        };
        files.iter().fold(recipe, |recipe, file| recipe.layer(Layer::packed(&unpack(file)))).build()
    };
    index(Format::Oci, &packages.iter().map(part).collect::<Vec<_>>())
}

/// The names of all files in the layers of the one image of a layout.
fn files_of(layout: &Path, manifest: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for layer in manifest["layers"].as_array().expect("layers") {
        let digest = layer["digest"].as_str().expect("a digest").replace(':', "/");
        let file = fs::File::open(layout.join("blobs").join(digest)).expect("the layer is there");
        let mut archive = tar::Archive::new(GzDecoder::new(file));
        for entry in archive.entries().expect("an archive") {
            names.push(entry.expect("a file").path().expect("a path").display().to_string());
        }
    }
    names
}

#[test]
fn images_of_real_packages_lose_a_platform_on_their_way_as_was_foretold() {
    let packages = packages();
    let image = image(&packages);
    let (source, target, skopeo) = (Distribution::plain(), Distribution::plain(), Skopeo::new());
    let program = Program::new();
    image.write_layout(&program.work().join("built"), "stable");
    let built = format!("oci:{}/built:stable", program.work().display());
    skopeo.copy_all(&built, &format!("docker://{}/debian:stable", source.host())).expect("skopeo pushes it");
    let kept = packages.keys().next().expect("there are two");
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\n  {1}: {{ plain_http: true }}\nmirrors:\n\
             \x20 - {{ source: {0}/debian, target: [{1}/whole, {1}/all], tags: [stable] }}\n\
             \x20 - {{ name: one, source: {0}/debian, target: {1}/one, tags: [stable], platforms: [linux/{kept}], index: rewrite }}\n",
            source.host(),
            target.host()
        ),
    );
    program.run(&["plan", "-o", "plan.json"]).expect_code(0);
    let plan: Value = serde_json::from_str(&program.read("plan.json")).expect("JSON");
    let made = plan["entries"]
        .as_array()
        .expect("a list")
        .iter()
        .find_map(|entry| entry["source"]["made"]["digest"].as_str());
    let made = made.expect("one is made").to_owned();
    program.run(&["sync"]).expect_code(0);
    let at = |repository: &str| format!("docker://{}/{repository}:stable", target.host());
    assert_eq!(skopeo.digest(&at("whole")).expect("there"), image.digest());
    assert_eq!(skopeo.digest(&at("one")).expect("there"), made, "the plan foretold it");
    program.run(&["verify", "--depth", "bytes"]).expect_code(0);
    let again = program.run(&["sync", "--report", "json=report.json"]).expect_code(0);
    assert!(again.stdout.contains("0 created, 0 updated, 3 current"), "{}", again.stdout);
    let report: Value = serde_json::from_str(&program.read("report.json")).expect("JSON");
    for written in ["manifest_put", "upload_start", "blob_put"] {
        assert_eq!(report["requests"]["byOperation"].get(written), None, "a second run writes nothing");
    }
    let copy = program.work().join("copy");
    skopeo.copy_one(&at("one"), &format!("oci:{}:stable", copy.display()), kept).expect("skopeo copies it");
    let raw = skopeo.inspect_raw(&format!("oci:{}:stable", copy.display())).expect("there");
    let manifest: Value = serde_json::from_slice(&raw).expect("JSON");
    assert!(image.children().iter().any(|child| child.bytes == raw), "the very manifest that was built");
    let files = files_of(&copy, &manifest);
    assert!(files.iter().any(|name| name.ends_with("etc/debian_version")), "{files:?}");
}
