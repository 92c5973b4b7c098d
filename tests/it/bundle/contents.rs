//! What is in a bundle, who can read it, and what was asked for it.

use super::*;
use crate::bed::images::artifacts::cosign_tag;
use crate::bed::images::{Found, Whole};
use crate::bed::memory::{Behaviour, Referrers, Rule};
use crate::bed::skopeo::Skopeo;
use crate::bed::tools;
use std::process::Command;
use std::time::Duration;

#[test]
fn each_blob_and_each_manifest_is_fetched_once_and_no_target_is_asked() {
    let scene = Scene::new();
    let finished = scene.create(&[]).expect_code(0);
    assert!(finished.stderr.contains("wrote site.tar: "), "{finished:?}");
    let bundle = scene.bundle();
    bundle.assert_sound();
    assert_eq!(bundle.blobs(), &parts(&two()) | &parts(&one()));
    let requests = scene.source.requests();
    assert!(requests.writes().is_empty());
    assert_eq!(requests.count(RequestKind::ManifestGet), two().manifests.len() + 1);
    let expected: BTreeSet<String> = two().blobs.into_keys().chain(one().blobs.into_keys()).collect();
    assert_eq!(scene.fetched(), expected.into_iter().collect::<Vec<_>>());
    let report = scene.report();
    assert_eq!(
        (&report["run"]["command"], &report["result"]),
        (&"bundle".into(), &"changed".into()),
        "{report:#}"
    );
    let hosts: Vec<&Value> =
        report["registries"].as_array().expect("a list").iter().map(|one| &one["host"]).collect();
    assert_eq!(hosts, [&scene.source.host()], "nobody else was spoken to");
    assert_eq!(scene.program.files().iter().filter(|file| file.contains("partial")).count(), 0);
}

#[test]
fn what_tells_of_the_others_comes_first_and_the_index_says_where_each_goes() {
    let scene = Scene::new();
    scene.create(&[]).expect_code(0);
    let bundle = scene.bundle();
    let kind = |name: &String| {
        let document: Option<Value> = serde_json::from_slice(&bundle.members[name]).ok();
        document.map_or(2, |document| if document.get("rootfs").is_some() { 1 } else { 0 })
    };
    let blobs = &bundle.names[2..];
    assert!(blobs.is_sorted_by_key(|name| (kind(name), name.clone())), "{blobs:#?}");
    let host = scene.source.host();
    let listed = bundle.index()["manifests"].as_array().expect("a list").clone();
    assert_eq!(listed.len(), 2);
    for (entry, tag, image) in [(&listed[0], "1.0", two()), (&listed[1], "1.1", one())] {
        assert_eq!(entry["digest"], image.digest());
        let annotations = &entry["annotations"];
        assert_eq!(annotations["org.opencontainers.image.ref.name"], format!("{host}/{SOURCE}:{tag}"));
        assert_eq!(annotations["io.crossdock.bundle.source"], format!("{host}/{SOURCE}:{tag}"));
        assert_eq!(annotations["io.crossdock.bundle.targets"], format!("[\"{TARGET}:{tag}\"]"));
    }
}

#[test]
fn the_bytes_do_not_depend_on_when_or_in_which_order_blobs_arrive() {
    let (scene, mut bundles) = (Scene::new(), Vec::new());
    for late in [0, 1, 3] {
        scene.source.clear_rules();
        scene
            .source
            .rule(Rule::on(RequestKind::BlobGet).nth(late).then(Behaviour::Delay(Duration::from_millis(80))));
        scene.create(&[]).expect_code(0);
        bundles.push(scene.bytes("site.tar"));
        // Another folder, and a later second: nothing of that is in it.
        std::fs::remove_file(scene.program.work().join("site.tar")).expect("it is ours");
    }
    assert!(bundles.iter().all(|bundle| *bundle == bundles[0]), "the same spec gave another bundle");
}

#[test]
fn skopeo_and_tar_read_it_and_so_do_we_as_a_layout() {
    let scene = Scene::new();
    scene.create(&[]).expect_code(0);
    let (work, skopeo) = (scene.program.work(), Skopeo::new());
    let name = format!("{}/{SOURCE}", scene.source.host());
    let archive = |tag: &str| format!("oci-archive:{}:{name}:{tag}", work.join("site.tar").display());
    for (tag, image) in [("1.0", two()), ("1.1", one())] {
        assert_eq!(skopeo.digest(&archive(tag)), Ok(image.digest()));
    }
    let copy = work.join("copy");
    skopeo.copy_all(&archive("1.0"), &format!("oci:{}:all", copy.display())).expect("skopeo copies it");
    assert_eq!(skopeo.digest(&format!("oci:{}:all", copy.display())), Ok(two().digest()));
    let unpacked = work.join("unpacked");
    std::fs::create_dir(&unpacked).expect("a folder");
    let mut tar = Command::new(tools::find("tar", "tar"));
    let told = tools::run(tar.arg("-xvf").arg(work.join("site.tar")).arg("-C").arg(&unpacked))
        .expect("tar reads it");
    assert_eq!(String::from_utf8_lossy(&told).lines().collect::<Vec<_>>(), scene.bundle().names);
    let closed = Registry::start();
    let source = format!("oci:unpacked//{name}:1.0");
    let target = format!("{}/app:1.0", closed.host());
    let spec = format!(
        "version: 1\nregistries: {{ {}: {{ plain_http: true }} }}\nmirrors:\n- {{ source: a.invalid/b, \
                        target: c.invalid/d, tags: ['1'] }}\n",
        closed.host()
    );
    scene.program.write("closed.yaml", &spec);
    scene.program.run(&["copy", "--spec", "closed.yaml", &source, &target]).expect_code(0);
    assert_eq!(closed.tag("app", "1.0"), Some(two().digest()));
    assert!(closed.complete("app", "1.0"));
}

#[test]
fn what_speaks_about_an_image_travels_with_it_and_can_be_found_without_opening_it() {
    let whole = Whole::signed(two());
    let scene = Scene::of(whole.start(Referrers::Filtered, SOURCE, "1.0"), "tags: ['1.0']");
    scene.create(&[]).expect_code(0);
    let bundle = scene.bundle();
    bundle.assert_sound();
    let expected: BTreeSet<String> = whole.manifests().into_keys().chain(whole.blobs().into_keys()).collect();
    assert_eq!(bundle.blobs(), expected);
    let index = bundle.index();
    let listed = index["manifests"].as_array().expect("a list");
    let find =
        |digest: &str| listed.iter().filter(move |entry| entry["digest"] == digest).collect::<Vec<_>>();
    for referrer in &whole.referrers {
        let entries = find(&referrer.artifact.digest());
        let entry = entries.first().unwrap_or_else(|| panic!("{} is not listed", referrer.artifact.digest()));
        let annotations = &entry["annotations"];
        assert_eq!(annotations["io.crossdock.bundle.subject"], referrer.subject);
        assert_eq!(annotations["io.crossdock.bundle.targets"], format!("[\"{TARGET}\"]"));
        match referrer.found {
            Found::BySubject => assert!(entry["artifactType"].is_string(), "{entry:#}"),
            Found::ByTag(suffix) => {
                let tag = cosign_tag(&referrer.subject, suffix);
                let name = format!("{}/{SOURCE}:{tag}", scene.source.host());
                assert_eq!(annotations["org.opencontainers.image.ref.name"], name);
            }
        }
    }
    assert_eq!(listed.len(), 1 + whole.referrers.len());
}

#[test]
fn another_form_of_an_image_is_bundled_as_it_will_be_written() {
    let scene = Scene::with("tags: ['1.0'], platforms: [linux/arm64], referrers: none");
    scene.source.seed(&two(), SOURCE, &["1.0"]);
    scene.create(&[]).expect_code(0);
    let bundle = scene.bundle();
    bundle.assert_sound();
    let entry = &bundle.index()["manifests"][0];
    assert_ne!(entry["digest"], two().digest(), "the index lists one platform only");
    let hex = entry["digest"].as_str().expect("text").replace(':', "/");
    let root: Value = serde_json::from_slice(&bundle.members[&format!("blobs/{hex}")]).expect("JSON");
    let platforms: Vec<&Value> = root["manifests"]
        .as_array()
        .expect("an index")
        .iter()
        .map(|one| &one["platform"]["architecture"])
        .collect();
    assert_eq!(platforms, ["arm64"]);
    // Itself, a child, a config and two layers.
    assert_eq!(bundle.blobs().len(), 5);
    assert_eq!(scene.source.requests().count(RequestKind::ManifestGet), 2, "nothing is read twice");
}

#[test]
fn images_are_bundled_without_a_spec_and_go_nowhere_in_particular() {
    let scene = Scene::new();
    let image = format!("{}/{SOURCE}:1.1", scene.source.host());
    scene.create(&[&image, &image, "--referrers", "none", "--spec", "crossdock.yaml"]).expect_code(0);
    let bundle = scene.bundle();
    bundle.assert_sound();
    assert_eq!(bundle.blobs(), parts(&one()));
    let listed = bundle.index()["manifests"].as_array().expect("a list").clone();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["annotations"]["org.opencontainers.image.ref.name"], image);
    assert_eq!(listed[0]["annotations"]["io.crossdock.bundle.targets"], Value::Null);
}
