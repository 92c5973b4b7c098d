//! The commands, as people type them, against registries.

use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::{Auth, Options, Registry, RequestKind, Rule};
use crate::bed::program::Program;
use crate::transcript::transcript;
use serde_json::Value;

/// A source and a target on this machine, and the program.
struct Scene {
    source: Registry,
    target: Registry,
    program: Program,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { source: Registry::start(), target: Registry::start(), program: Program::new() };
        scene.source.seed(&two_platforms(3, Format::Oci), "team/app", &["1.0", "1.1"]);
        scene.source.seed(&one_platform(4, Format::Docker), "team/tool", &["x", "y"]);
        scene.target.create("mirror/app");
        scene.target.create("mirror/tool");
        scene
    }

    /// Writes a file, in which `SOURCE` and `TARGET` stand for the hosts.
    fn write(&self, name: &str, text: &str) {
        self.program
            .write(name, &text.replace("SOURCE", &self.source.host()).replace("TARGET", &self.target.host()));
    }

    /// Users for both registries, as three tools write them.
    fn users(&self, name: &str) {
        self.write(name, r#"{ "SOURCE": { "insecure": true }, "TARGET": { "insecure": true } }"#);
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.program.read("report.json")).expect("the report is JSON")
    }

    fn transcript(&self, arguments: &[&str]) -> String {
        let normal =
            self.program.normal().text(&self.source.host(), "SOURCE").text(&self.target.host(), "TARGET");
        // What variables are called.
        let normal = normal.text(&self.source.host().replace(['.', ':'], "_"), "SOURCE");
        transcript(&self.program, &normal, arguments)
    }
}

const RUN: [&str; 4] = ["--report", "json=report.json", "--progress", "none"];

#[test]
fn s1_15_s2_16_files_run_as_they_are_and_a_second_run_writes_nothing() {
    let scene = Scene::new();
    scene.users("auth.json");
    scene.write(
        "images.json",
        r#"{ "SOURCE/team/app": "TARGET/mirror/app", "SOURCE/team/tool:x": "TARGET/mirror/tool:renamed" }"#,
    );
    let sync = ["sync", "--from", "image-syncer", "auth.json", "images.json"];
    scene.program.run(&[&sync[..], &RUN[..]].concat()).expect_code(0);
    let app = two_platforms(3, Format::Oci).digest();
    assert_eq!(scene.target.tag("mirror/app", "1.0"), Some(app.clone()));
    assert_eq!(scene.target.tag("mirror/app", "1.1"), Some(app));
    assert_eq!(scene.target.tag("mirror/tool", "renamed"), Some(one_platform(4, Format::Docker).digest()));
    let report = scene.report();
    assert_eq!(report["spec"]["path"], "images.json");
    scene.target.clear_requests();
    scene.program.run(&[&sync[..], &RUN[..]].concat()).expect_code(0);
    assert!(scene.target.requests().writes().is_empty(), "{}", scene.target.requests());
    assert_eq!(scene.program.run(&[&["check"], &sync[1..]].concat()).code, Some(0));
}

#[test]
fn s1_09_s1_14_s1_18_what_fails_for_a_moment_is_tried_again_and_what_is_gone_is_told_apart() {
    let scene = Scene::new();
    scene.users("security.yaml");
    scene.write(
        "rule.yaml",
        "SOURCE/team/app:1.0: TARGET/mirror/app\nSOURCE/team/app:dead: TARGET/mirror/app\n",
    );
    let busy = scene.source.rule(Rule::on(RequestKind::ManifestHead).first(2).answer(503));
    let sync = ["sync", "--from", "image-transfer", "security.yaml", "rule.yaml"];
    scene.program.run(&[&sync[..], &RUN[..]].concat()).expect_code(3);
    assert_eq!(busy.acted(), 2);
    assert!(scene.target.tag("mirror/app", "1.0").is_some());
    let report = scene.report();
    let failed: Vec<&Value> =
        report["items"].as_array().into_iter().flatten().filter(|item| item["outcome"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{report:#}");
    assert_eq!(failed[0]["error"]["code"], "not_found", "{report:#}");
}

#[test]
fn s2_18_s4_07_a_run_in_which_nothing_succeeds_ends_with_1() {
    let scene = Scene::new();
    scene.users("auth.json");
    scene.write("images.json", r#"{ "SOURCE/team/app:dead": "TARGET/mirror/app" }"#);
    let sync = ["sync", "--from", "image-migrator", "auth.json", "images.json"];
    scene.program.run(&sync).expect_code(1);
}

#[test]
fn s2_19_tags_that_are_named_need_no_list_of_tags() {
    let scene = Scene::new();
    scene.users("auth.json");
    scene.write("images.json", r#"{ "SOURCE/team/app:1.0,1.1": "TARGET/mirror/app" }"#);
    scene.source.rule(Rule::on(RequestKind::TagList).answer(401));
    scene.program.run(&["sync", "--from", "image-syncer", "auth.json", "images.json"]).expect_code(0);
    // A list would tell who speaks about them; without one, each of them is asked about.
    assert_eq!(scene.source.requests().count(RequestKind::TagList), 1);
}

#[test]
fn s2_10_an_image_by_its_digest_is_left_out_with_what_copies_it() {
    let scene = Scene::new();
    let digest = two_platforms(3, Format::Oci).digest();
    scene.write("images.json", &format!(r#"{{ "SOURCE/team/app@{digest}": "TARGET/mirror/app:pinned", "SOURCE/team/app:1.0": "TARGET/mirror/app" }}"#));
    let told = scene.program.run(&["import", "--from", "image-syncer", "images.json"]).expect_code(0).stderr;
    assert!(told.contains("images.json:1:3: left out: an image by its digest has no tag"), "{told}");
}

#[test]
fn s4_09_files_become_a_spec_that_is_read_planned_and_run() {
    let scene = Scene::new();
    scene.write("auth.json", "{\n  \"SOURCE\": { \"username\": \"robot\", \"password\": \"s3cr3t\", \"insecure\": true },\n  \"TARGET\": { \"insecure\": true }\n}\n");
    scene.write("images.json", "{\n  \"SOURCE/team/app:1.0\": \"\"\n}\n");
    let import = [
        "import",
        "--from",
        "image-migrator",
        "auth.json",
        "images.json",
        "--registry",
        &scene.target.host(),
        "--namespace",
        "mirror",
        "-o",
        "crossdock.yaml",
    ];
    let told = scene.transcript(&import);
    assert!(!told.contains("s3cr3t") && !scene.program.read("crossdock.yaml").contains("s3cr3t"));
    insta::assert_snapshot!(format!("{told}\n\n{}", scene.transcript(&import)));
    // The variable that is told of is all that is missing.
    scene.program.run(&["lint"]).expect_code(4);
    let host = scene.source.host();
    let name = format!("REGISTRY_{}_PASSWORD=s3cr3t", host.replace(['.', ':'], "_"));
    scene.program.run(&["lint", "--var", &name]).expect_code(0);
    scene.program.run(&[&import[..], &["--force"]].concat()).expect_code(0);
}

#[test]
fn a_secret_of_a_file_is_sent_to_its_registry_and_shown_to_nobody() {
    let source = Registry::with(Options::new().auth(Auth::Basic(Users::new().user("robot", "s3cr3t"))));
    let scene = Scene { source, ..Scene::new() };
    scene.source.seed(&one_platform(4, Format::Docker), "team/tool", &["x"]);
    scene.write(
        "security.yaml",
        "SOURCE: { username: robot, password: s3cr3t, insecure: true }\nTARGET: { insecure: true }\n",
    );
    scene.write("rule.yaml", "SOURCE/team/tool: TARGET/mirror/tool\n");
    for command in ["plan", "sync", "check", "lint", "explain"] {
        let mut arguments = vec![command, "--from", "image-transfer", "security.yaml", "rule.yaml", "-vv"];
        arguments.extend(RUN);
        let done = scene.program.run(&arguments).expect_code(0);
        let told = format!("{}{}{}", done.stdout, done.stderr, scene.program.read("report.json"));
        assert!(!told.contains("s3cr3t"), "{command}: {told}");
    }
    assert!(scene.target.tag("mirror/tool", "x").is_some());
}

#[test]
fn what_is_wrong_is_told_at_once_with_its_place_and_nothing_is_asked() {
    let scene = Scene::new();
    scene.write("rule.yaml", "SOURCE/team/app: TARGET/mirror/app:1\nSOURCE/Team/app: TARGET/mirror/app\n");
    insta::assert_snapshot!(scene.transcript(&["sync", "--from", "image-transfer", "rule.yaml"]));
    assert!(scene.source.requests().is_empty() && scene.target.requests().is_empty());
    let report = ["lint", "--from", "image-transfer", "rule.yaml", "--report", "json=report.json"];
    scene.program.run(&report).expect_code(4);
    let report = scene.report();
    assert_eq!(report["problems"][0]["path"], "rule.yaml");
    assert_eq!(
        (&report["problems"][1]["line"], &report["problems"][1]["code"]),
        (&2.into(), &"import".into())
    );
}

#[test]
fn an_import_can_be_read_by_a_program_and_never_overwrites() {
    let scene = Scene::new();
    scene.program.write("files/security.yaml", "quay.io: { username: robot, password: s3cr3t }\n");
    scene.program.write("files/rule.yaml", "quay.io/coreos/etcd:v3: harbor.example.com/a/etcd\n");
    insta::assert_snapshot!(scene.transcript(&[
        "import",
        "--from",
        "image-transfer",
        "files",
        "--format",
        "json",
        "-q"
    ]));
    scene.program.write("crossdock.yaml", "mine\n");
    scene
        .program
        .run(&["import", "--from", "image-transfer", "files", "-o", "crossdock.yaml"])
        .expect_code(4);
    assert_eq!(scene.program.read("crossdock.yaml"), "mine\n");
}

#[test]
fn s1_11_what_does_not_fit_together_is_refused() {
    let scene = Scene::new();
    scene.program.write("rule.yaml", "quay.io/coreos/etcd:v3: harbor.example.com/a/etcd\n");
    for arguments in [
        ["sync", "--from", "image-transfer", "rule.yaml", "--ccr-to-tcr"].as_slice(),
        &["sync", "--from", "image-syncer", "rule.yaml", "--ccr-to-tcr", "--tcr-name", "a"],
        &["sync", "--from", "image-transfer", "--ccr-to-tcr", "--tcr-name", "a.b"],
        &["sync", "--from", "image-transfer", "--ccr-to-tcr", "--tcr-name", "a", "--ccr-region", "mars"],
        &["sync", "--from", "image-transfer", "--ccr-to-tcr", "--tcr-name", "a", "--tcr-region", "M"],
        &["sync", "--from", "image-transfer", "--tcr-name", "a", "rule.yaml"],
        &["sync", "--ccr-to-tcr"],
        &["sync", "rule.yaml"],
        &["sync", "--from", "image-transfer"],
        &["sync", "--from", "docker", "rule.yaml"],
        &["sync", "--qps", "3"],
        &["sync", "--from", "image-transfer", "rule.yaml", "--spec", "crossdock.yaml"],
        &["import", "--from", "image-transfer"],
        &["import", "--from", "image-transfer", "gone.yaml"],
        &["explain", "--from", "image-transfer"],
        &["explain", "a", "b"],
    ] {
        scene.program.run(arguments).expect_code(4);
    }
}
