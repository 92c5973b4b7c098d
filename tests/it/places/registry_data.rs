//! The data of a `docker-registry`: written by us and served by it, written by it and read by us.

use crate::bed::distribution::Distribution;
use crate::bed::program::{Program, files_below};
use crate::bed::skopeo::Skopeo;
use crate::bed::tools;
use crate::real::cargo::{Cargo, TAG};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

fn spec(registry: &Distribution, rules: &str) -> String {
    format!("version: 1\nregistries:\n  {}: {{ plain_http: true }}\nmirrors:\n{rules}", registry.host())
}

/// Every file with the time of its last change.
fn stamps(top: &Path) -> BTreeMap<String, SystemTime> {
    let stamp = |file: &String| fs::metadata(top.join(file)).and_then(|it| it.modified()).expect("there");
    files_below(top).into_iter().map(|file| (file.clone(), stamp(&file))).collect()
}

#[test]
fn a_docker_registry_that_runs_serves_what_we_write_into_its_folder() {
    let (cargo, skopeo, program) = (Cargo::new(), Skopeo::new(), Program::new());
    let registry = Distribution::plain();
    cargo.write_layouts(&program.work().join("in"));
    let data = format!("registry-data:{}//", registry.storage().display());
    program.write("in.yaml", &spec(&registry, &cargo.rules("oci:in/", &data)));
    program.run(&["sync", "--spec", "in.yaml"]).expect_code(0);
    let to = format!("{}/", registry.host());
    cargo.assert_at(&skopeo, &to);

    // Both ways to look see the same.
    program.write("served.yaml", &spec(&registry, &cargo.rules(&data, &to)));
    program.run(&["verify", "--spec", "served.yaml"]).expect_code(0);
    program.write("stored.yaml", &spec(&registry, &cargo.rules(&to, &data)));
    program.run(&["verify", "--spec", "stored.yaml"]).expect_code(0);

    // A second run writes nothing, and leaves nothing behind.
    let before = stamps(&registry.storage());
    program.run(&["sync", "--spec", "in.yaml"]).expect_code(0);
    assert_eq!(stamps(&registry.storage()), before);
    assert!(!before.keys().any(|file| file.contains(".crossdock")), "{:?}", before.keys());

    // What is there is what the registry itself thinks that it needs.
    let config = registry.storage().with_file_name("config.yml");
    let mut collect = Command::new(tools::find("docker-registry", "docker-registry"));
    let said =
        tools::run(collect.args(["garbage-collect", "--dry-run"]).arg(config)).expect("it reads the data");
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains(" 0 blobs and 0 manifests eligible for deletion"), "{said}");

    // And what it writes beside ours, we see.
    let (one, other) =
        (format!("docker://{to}team/oci-one:{TAG}"), format!("docker://{to}team/oci-one:pushed"));
    skopeo.copy_all(&one, &other).expect("pushed");
    program.run(&["copy", &format!("{data}team/oci-one:pushed"), "oci:out:pushed"]).expect_code(0);
}

#[test]
fn what_a_docker_registry_wrote_is_a_source_without_it() {
    let (cargo, skopeo, program) = (Cargo::new(), Skopeo::new(), Program::new());
    let registry = Distribution::plain();
    cargo.load(&skopeo, registry.host());
    let copied = program.work().join("data");
    let mut copy = Command::new("cp");
    tools::run(copy.arg("-r").arg(registry.storage()).arg(&copied)).expect("copied");
    drop(registry);

    let target = Distribution::plain();
    let rule = format!(
        "  - {{ source: \"registry-data:data//team/**\", target: [\"{}/all/{{repository}}\", \"oci:all//{{repository}}\"] }}\n",
        target.host()
    );
    program.write("area.yaml", &spec(&target, &rule));
    let before = stamps(&copied);
    program.run(&["sync", "--spec", "area.yaml"]).expect_code(0);
    for (repository, image) in cargo.iter() {
        let name = repository.trim_start_matches("team/");
        crate::real::cargo::assert_at(
            &skopeo,
            &format!("docker://{}/all/{name}:{TAG}", target.host()),
            image,
        );
    }
    program.write(
        "out.yaml",
        &spec(&target, &cargo.rules("registry-data:data/docker/registry/v2//", "oci:out/")),
    );
    program.run(&["sync", "--spec", "out.yaml"]).expect_code(0);
    cargo.assert_layouts(&skopeo, &program.work().join("out"));
    assert_eq!(stamps(&copied), before, "a source is only read");
}

#[test]
fn what_a_registry_lost_is_found_and_brought_again() {
    let (cargo, skopeo, program) = (Cargo::new(), Skopeo::new(), Program::new());
    let registry = Distribution::plain();
    cargo.write_layouts(&program.work().join("in"));
    let data = format!("registry-data:{}//", registry.storage().display());
    program.write("crossdock.yaml", &spec(&registry, &cargo.rules("oci:in/", &data)));
    program.run(&["sync"]).expect_code(0);
    let (_, image) = cargo.iter().next().expect("an image");
    registry.lose_blob(image.blobs.keys().next().expect("a blob"));
    program.run(&["check"]).expect_code(0);
    let broken = program.run(&["check", "--deep"]);
    assert_ne!(broken.code, Some(0), "{}", broken.stdout);
    program.run(&["sync", "--repair"]).expect_code(0);
    program.run(&["check", "--deep"]).expect_code(0);
    cargo.assert_at(&skopeo, &format!("{}/", registry.host()));
}
