//! All of it, from a registry to a registry, to docker-registry and into a layout, and back from both.

use super::{artifacts, charts, indexes, odd, sha512};
use crate::bed::digest::{matches, sha256};
use crate::bed::distribution::Distribution;
use crate::bed::images::Image;
use crate::bed::memory::{Registry, RequestKind};
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use serde_json::Value;

/// Everything with a tag, and whether others can copy it.
fn everything(away: &str) -> Vec<(&'static str, Image, Others)> {
    use Others::{Copy, Read};
    vec![
        ("chart", charts::chart(), Copy),
        ("component", charts::component(), Copy),
        ("module", charts::module(), Copy),
        ("attested", indexes::attested(), Copy),
        ("nested", indexes::nested(), Read),
        ("bundle", indexes::with_artifact(), Copy),
        ("cache", indexes::cache(), Read),
        ("nothing", indexes::nothing(), Read),
        ("note", artifacts::only_annotations(), Copy),
        ("bill", artifacts::typed(), Copy),
        ("about", artifacts::of_something_that_is_not_there(), Copy),
        ("unknown", artifacts::unknown(), Read),
        ("no-bytes", artifacts::nothing_in_a_layer(), Read),
        ("away", artifacts::not_to_be_distributed(away), Read),
        ("annotations", odd::annotations(), Copy),
        ("spelling", odd::spelling(), Read),
        ("sha512", sha512::of_blobs(), Read),
    ]
}

/// What skopeo can do with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// Copy all of it, and its digest stays.
    Copy,
    /// Only tell its bytes.
    Read,
}

/// A spec with one rule that takes every tag.
fn spec(source: &str, targets: &[&str]) -> String {
    let plain: String = [&[source][..], targets]
        .concat()
        .iter()
        .filter_map(|place| place.split_once("/app"))
        .map(|(host, _)| format!("  {host}: {{ plain_http: true }}\n"))
        .collect();
    let targets = targets.join(", ");
    format!(
        "version: 1\nregistries:\n{plain}mirrors:\n  - {{ source: {source}, target: [{targets}], tags: \"*\" }}\n"
    )
}

#[test]
fn whatever_a_registry_holds_arrives_byte_for_byte_and_is_proven() {
    let (source, memory, program) = (Registry::start(), Registry::start(), Program::new());
    let (real, skopeo) = (Distribution::plain(), Skopeo::new());
    let all = everything(&format!("http://{}/v2/app/blobs/elsewhere", source.host()));
    for (tag, image, _) in &all {
        source.seed(image, "app", &[tag]);
    }
    let from = format!("{}/app", source.host());
    let registries = [format!("{}/app", memory.host()), format!("{}/app", real.host())];
    let targets = [registries[0].as_str(), &registries[1], "\"oci:images\""];
    program.write("crossdock.yaml", &spec(&from, &targets));
    program.run(&["sync"]).expect_code(0);
    assert!(!source.requests().iter().any(|request| request.path.ends_with("/elsewhere")), "never asked for");
    for (tag, image, others) in &all {
        assert_eq!(memory.tag("app", tag), Some(image.digest()), "{tag}");
        assert_eq!(memory.missing("app", tag), Vec::<String>::new(), "{tag}");
        let place = format!("docker://{}:{tag}", registries[1]);
        assert_eq!(skopeo.inspect_raw(&place).expect("skopeo reads it"), image.root().bytes, "{tag}");
        if *others == Others::Copy {
            let copy = format!("oci:{}/copies:{tag}", program.work().display());
            skopeo.copy_all(&place, &copy).expect("skopeo copies all of it");
            assert_eq!(sha256(&skopeo.inspect_raw(&copy).expect("there")), image.digest(), "{tag}");
        }
    }
    assert_layout_has(&program, &all);
    program.run(&["verify", "--depth", "bytes", "-o", "proof.json"]).expect_code(0);
    let proof: Value = serde_json::from_str(&program.read("proof.json")).expect("JSON");
    assert_eq!(proof["counts"]["same"], 3 * all.len());
    assert_settled(&program, &[&source, &memory]);
    there_and_back(&program, &registries[1], &all);
    there_and_back(&program, "\"oci:images\"", &all);
}

/// Whether every piece is a file of the layout, with its digest.
fn assert_layout_has(program: &Program, all: &[(&str, Image, Others)]) {
    for (tag, image, _) in all {
        let manifests = image.manifests.iter().map(|manifest| &manifest.digest);
        for digest in manifests.chain(image.blobs.keys()) {
            let file = program.work().join("images/blobs").join(digest.replace(':', "/"));
            let bytes = std::fs::read(&file).unwrap_or_else(|why| panic!("{tag}: {digest}: {why}"));
            assert!(matches(digest, &bytes), "{tag}: {digest}");
        }
    }
}

/// Whether a second run writes nothing.
fn assert_settled(program: &Program, registries: &[&Registry]) {
    registries.iter().for_each(|registry| registry.clear_requests());
    program.run(&["sync", "--report", "json=report.json"]).expect_code(0);
    let report: Value = serde_json::from_str(&program.read("report.json")).expect("JSON");
    assert_eq!((&report["result"], &report["counts"]["updated"]), (&"ok".into(), &0.into()));
    for registry in registries {
        assert!(registry.requests().writes().is_empty());
        assert_eq!(registry.requests().count(RequestKind::BlobGet), 0);
    }
}

/// Copies all of it from a target to another registry, which has the same then.
fn there_and_back(program: &Program, from: &str, all: &[(&str, Image, Others)]) {
    let back = Registry::start();
    program.write("back.yaml", &spec(from, &[&format!("{}/app", back.host())]));
    program.run(&["sync", "--spec", "back.yaml"]).expect_code(0);
    for (tag, image, _) in all {
        assert_eq!(back.tag("app", tag), Some(image.digest()), "{from}: {tag}");
        assert_eq!(back.missing("app", tag), Vec::<String>::new(), "{from}: {tag}");
    }
}
