//! Two filters, in Rust and in C, between two docker-registries: skopeo loads and judges.

use crate::bed::distribution::Distribution;
use crate::bed::filters::filter;
use crate::bed::images::{Format, Image, one_platform, two_platforms};
use crate::bed::memory::{Registry, RequestKind};
use crate::bed::program::Program;
use crate::bed::proxy::Proxy;
use crate::bed::skopeo::Skopeo;

/// Tags of a repository whose releases follow each other.
const RELEASES: [&str; 6] = ["1.25.9", "1.26.2", "1.26.3", "1.27.0", "1.27.1", "latest"];

/// Loads the images: one for each release, and one repository whose images differ in platforms.
fn load(skopeo: &Skopeo, host: &str) -> (Vec<Image>, Image) {
    let memory = Registry::start();
    let put = |image: &Image, repository: &str, tag: &str| {
        memory.seed(image, repository, &[tag]);
        let at = |host: &str| format!("docker://{host}/{repository}:{tag}");
        Skopeo::new().copy_all_to(&at(&memory.host()), skopeo, &at(host)).expect("loaded");
    };
    let releases: Vec<Image> =
        (1..=RELEASES.len() as u64).map(|seed| one_platform(seed, Format::Oci)).collect();
    for (image, tag) in releases.iter().zip(RELEASES) {
        put(image, "web/server", tag);
    }
    let both = two_platforms(20, Format::Docker);
    put(&both, "web/tools", "both");
    put(&one_platform(21, Format::Docker), "web/tools", "one");
    (releases, both)
}

fn spec(source: &str, target: &str) -> String {
    format!(
        "version: 1
registries:
  {source}: {{ plain_http: true }}
  {target}: {{ plain_http: true }}
filters:
  newest: {{ wasm: newest-minors.wasm, config: {{ minors: 2, floating: [minor, latest] }} }}
  platforms: {{ wasm: require-platforms.wasm, config: {{ platforms: [linux/amd64, linux/arm64] }} }}
mirrors:
  - {{ source: {source}/web/server, target: {target}/mirror/server, filter: newest }}
  - {{ source: {source}/web/tools, target: {target}/mirror/tools, filter: platforms }}
"
    )
}

#[test]
fn two_filters_mirror_what_they_take_and_a_second_run_writes_nothing() {
    let (skopeo, program) = (Skopeo::new(), Program::new());
    let (source, mut target) = (Distribution::plain(), Distribution::plain());
    let (releases, both) = load(&skopeo, source.host());
    for name in ["newest-minors", "require-platforms"] {
        let file = program.work().join(format!("{name}.wasm"));
        std::fs::copy(filter(name), file).expect("it can be copied");
    }
    let proxy = Proxy::before(source.host());
    program.write("crossdock.yaml", &spec(&proxy.host(), target.host()));
    let finished = program.run(&["sync", "--report", "json=report.json"]).expect_code(0);
    assert!(finished.stdout.contains("6 created"), "{}", finished.stdout);

    let at = |repository: &str, tag: &str| format!("docker://{}/mirror/{repository}:{tag}", target.host());
    let mut tags = skopeo.list_tags(&format!("docker://{}/mirror/server", target.host())).expect("there");
    tags.sort();
    assert_eq!(tags, ["1.26", "1.26.3", "1.27", "1.27.1", "latest"]);
    for (release, names) in [(2, vec!["1.26", "1.26.3"]), (4, vec!["1.27", "1.27.1", "latest"])] {
        for tag in names {
            let raw = skopeo.inspect_raw(&at("server", tag)).expect("there");
            assert_eq!(raw, releases[release].root().bytes, "{tag}");
        }
    }
    let tags = skopeo.list_tags(&format!("docker://{}/mirror/tools", target.host())).expect("there");
    assert_eq!(tags, ["both"]);
    assert_eq!(skopeo.inspect_raw(&at("tools", "both")).expect("there"), both.root().bytes);

    let report: serde_json::Value = serde_json::from_str(&program.read("report.json")).expect("JSON");
    assert_eq!(report["counts"]["dropped"], 5, "{report:#}");
    let dropped = report["dropped"].as_array().expect("a list");
    let one = dropped.iter().find(|drop| drop["filter"] == "platforms").expect("of the second filter");
    assert_eq!(one["reason"], "missing linux/arm64");
    let kept: usize = 2 + 1;
    let children = both.children().len();
    let gets = proxy.requests().count(RequestKind::ManifestGet);
    assert_eq!(
        gets,
        kept + children + 1,
        "each manifest once, that of the dropped image too: {}",
        proxy.requests()
    );

    target.clear_requests();
    proxy.clear_requests();
    program.run(&["sync"]).expect_code(0);
    let written: Vec<String> = target
        .requests()
        .iter()
        .map(ToString::to_string)
        .filter(|asked| !asked.starts_with("HEAD "))
        .collect();
    assert_eq!(written, [""; 0]);
    assert!(proxy.requests().writes().is_empty());
    program.run(&["check"]).expect_code(0);
}
