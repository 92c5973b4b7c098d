//! Inventories, and bundles that leave out what these have.

use super::*;
use crate::bed::distribution::Distribution;

/// A closed side that has some images, and a program that speaks to it.
struct Closed {
    registry: Registry,
    program: Program,
}

impl Closed {
    fn new() -> Self {
        let closed = Self { registry: Registry::start(), program: Program::new() };
        let host = closed.registry.host();
        closed.program.write(
            "crossdock.yaml",
            &format!(
                "version: 1\nregistries: {{ {host}: {{ plain_http: true }} }}\nmirrors:\n- {{ source: a.invalid/app, \
                 target: [{host}/mirror/app, {host}/mirror/none], tags: ['1.0'] }}\n"
            ),
        );
        closed
    }

    fn inventory(&self, arguments: &[&str]) -> Finished {
        let finished = self.program.run(&[&["inventory", "--progress", "none"][..], arguments].concat());
        assert!(self.registry.requests().writes().is_empty(), "an inventory only reads");
        finished
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn an_inventory_tells_tags_manifests_and_blobs_and_asks_for_no_blob() {
    let closed = Closed::new();
    closed.registry.seed(&two(), "mirror/app", &["1.0", "latest"]);
    closed.registry.seed(&one(), "other/app", &["1.1"]);
    let told = closed.inventory(&[]).expect_code(0).stdout;
    let inventory = json(&told);
    assert_eq!(inventory["kind"], "crossdock.inventory");
    let repositories = inventory["repositories"].as_array().expect("a list");
    assert_eq!(repositories.len(), 1, "of the targets of the spec, one is there: {told}");
    let host = closed.registry.host();
    assert_eq!(repositories[0]["name"], format!("{host}/mirror/app"));
    assert_eq!(repositories[0]["tags"], json(&format!(r#"{{"1.0":"{0}","latest":"{0}"}}"#, two().digest())));
    assert_eq!(repositories[0]["manifests"].as_array().map(Vec::len), Some(two().manifests.len()));
    let blobs: BTreeSet<(String, u64)> = inventory["blobs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|blob| (blob[0].as_str().expect("text").to_owned(), blob[1].as_u64().expect("a number")))
        .collect();
    let expected = two().blobs.into_iter().map(|(digest, blob)| (digest, blob.size_bytes)).collect();
    assert_eq!(blobs, expected);
    assert_eq!(closed.registry.requests().count(RequestKind::BlobGet), 0);
    assert_eq!(
        closed.inventory(&[]).expect_code(0).stdout,
        told,
        "the same content gives the same inventory"
    );
}

#[test]
fn an_inventory_of_an_area_has_all_that_lies_in_it() {
    let (closed, registry) = (Program::new(), Distribution::plain());
    let host = registry.host();
    closed.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries: {{ {host}: {{ plain_http: true }} }}\nmirrors:\n\
         - {{ source: a.invalid/**, target: '{host}/mirror/{{repository}}', tags: ['1'] }}\n"
        ),
    );
    one().write_layout(&closed.work().join("layout"), "1.1");
    for name in ["mirror/app", "mirror/deep/app", "other/app"] {
        closed
            .run(&["copy", "--spec", "crossdock.yaml", "oci:layout:1.1", &format!("{host}/{name}")])
            .expect_code(0);
    }
    let names = |arguments: &[&str]| -> Vec<String> {
        let told =
            closed.run(&[&["inventory", "--progress", "none"][..], arguments].concat()).expect_code(0).stdout;
        let repositories = json(&told)["repositories"].as_array().expect("a list").clone();
        repositories
            .iter()
            .filter_map(|one| one["name"].as_str())
            .map(|name| name[host.len() + 1..].to_owned())
            .collect()
    };
    assert_eq!(names(&[]), ["mirror/app", "mirror/deep/app"], "what the spec writes to");
    let named = |area: &str| names(&["--spec", "crossdock.yaml", &format!("{host}/{area}")]);
    assert_eq!(named("**"), ["mirror/app", "mirror/deep/app", "other/app"]);
    assert_eq!(named("mirror/*"), ["mirror/app"]);
    assert_eq!(named("other/app"), ["other/app"]);
}

#[test]
fn an_inventory_follows_the_published_schema() {
    let closed = Closed::new();
    closed.registry.seed(&one(), "mirror/app", &["1.0"]);
    let schema = json(&closed.program.run(&["schema", "inventory"]).expect_code(0).stdout);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let inventory = json(&closed.inventory(&[]).expect_code(0).stdout);
    assert!(validator.is_valid(&inventory), "{inventory:#}");
    assert!(!validator.is_valid(&json(r#"{"kind":"crossdock.inventory"}"#)));
}

#[test]
fn what_cannot_be_looked_at_makes_no_inventory() {
    let closed = Closed::new();
    let host = closed.registry.host();
    let missing = closed.inventory(&["--spec", "crossdock.yaml", &format!("{host}/no/such"), "-o", "i.json"]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.stdout.contains("no such repository"), "{missing:?}");
    closed.registry.seed(&one(), "mirror/app", &["1.0"]);
    closed.registry.rule(crate::bed::memory::Rule::on(RequestKind::ManifestGet).answer(403));
    let denied = closed.inventory(&["-o", "i.json"]);
    assert_eq!(denied.code, Some(5), "{denied:?}");
    assert!(!closed.program.work().join("i.json").exists());
}

#[test]
fn a_delta_leaves_out_the_blobs_that_are_there_and_says_so() {
    let (closed, scene) = (Closed::new(), Scene::new());
    closed.registry.seed(&one(), "mirror/app", &["1.1"]);
    let inventory = closed.inventory(&[]).expect_code(0).stdout;
    scene.program.write("inventory.json", &inventory);
    let finished = scene.create(&["--against", "inventory.json"]).expect_code(0);
    let bundle = scene.bundle();
    bundle.assert_sound();
    let index = bundle.index();
    assert_eq!(index["annotations"]["io.crossdock.bundle.base"], sha256(inventory.as_bytes()));
    let listed = index["manifests"].as_array().expect("a list");
    let document = listed
        .iter()
        .find(|one| one["mediaType"] == "application/vnd.crossdock.bundle.v1+json")
        .expect("it is named");
    let own = document["digest"].as_str().expect("text").to_owned();
    let there: BTreeSet<String> = one().blobs.into_keys().collect();
    let mut expected = &(&parts(&two()) | &parts(&one())) - &there;
    expected.insert(own.clone());
    assert_eq!(bundle.blobs(), expected, "manifests always travel");
    assert!(scene.fetched().iter().all(|digest| !there.contains(digest)));
    let left: Value =
        serde_json::from_slice(&bundle.members[&format!("blobs/{}", own.replace(':', "/"))]).expect("JSON");
    let left = left["leftOut"].as_array().expect("a list");
    let digests: BTreeSet<String> =
        left.iter().filter_map(|one| one["digest"].as_str()).map(str::to_owned).collect();
    assert_eq!(digests, there);
    assert!(
        left.iter().all(|one| one["at"] == json(&format!(r#"["{}/mirror/app"]"#, closed.registry.host())))
    );
    assert!(finished.stderr.contains(&format!("{} blobs of", there.len())), "{finished:?}");
}

#[test]
fn an_inventory_of_a_layout_works_as_one_of_a_registry() {
    let scene = Scene::new();
    one().write_layout(&scene.program.work().join("layout"), "old");
    scene.program.run(&["inventory", "oci:layout", "-o", "inventory.json"]).expect_code(0);
    let inventory = json(&scene.program.read("inventory.json"));
    assert_eq!(inventory["repositories"][0]["name"], "oci:layout");
    scene.create(&["--against", "inventory.json"]).expect_code(0);
    let there: BTreeSet<String> = one().blobs.into_keys().collect();
    assert_eq!(&scene.bundle().blobs() & &there, BTreeSet::new());
}

#[test]
fn what_is_no_inventory_is_refused_before_anybody_is_asked() {
    let scene = Scene::new();
    scene.program.write("plan.json", r#"{"kind":"crossdock.plan","version":1,"blobs":[],"repositories":[]}"#);
    let finished = scene.create(&["--against", "plan.json"]).expect_code(4);
    assert!(finished.stderr.contains("its kind is not crossdock.inventory"), "{finished:?}");
    scene.create(&["--against", "none.json"]).expect_code(4);
    assert!(scene.source.requests().is_empty());
}
