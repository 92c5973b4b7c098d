//! What runs in a cluster, as it is listed and written.

use super::server::{Server, TOKEN};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::Registry;
use crate::bed::program::Program;
use crate::transcript::transcript;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A digest by which something runs.
fn digest(two: &str) -> String {
    format!("sha256:{}", two.repeat(32))
}

/// The program, with a kubeconfig in its home that has the token.
pub fn program(server: &Server) -> Program {
    let program = Program::new();
    program.write_home(".kube/config", &server.kubeconfig(&json!({ "token": TOKEN })));
    program
}

fn pod(namespace: &str, name: &str, containers: &[(&str, &str)], ids: &[(&str, String)]) -> Value {
    let containers: Vec<Value> =
        containers.iter().map(|(name, image)| json!({ "name": name, "image": image })).collect();
    let running: Vec<Value> = ids.iter().map(|(name, id)| json!({ "name": name, "imageID": id })).collect();
    json!({
        "metadata": { "namespace": namespace, "name": name, "labels": { "app": name } },
        "spec": { "containers": containers },
        "status": { "phase": "Running", "containerStatuses": running },
    })
}

fn template(image: &str) -> Value {
    json!({ "spec": { "containers": [{ "name": "app", "image": image }] } })
}

/// An object that makes pods.
fn maker(namespace: &str, name: &str, spec: Value) -> Value {
    json!({ "metadata": { "namespace": namespace, "name": name, "labels": { "app": name } }, "spec": spec })
}

/// A cluster with a bit of everything.
fn shop() -> Server {
    let server = Server::start();
    let (nginx, other) = (digest("ab"), digest("cd"));
    let web = [("app", "nginx:1.27"), ("side", "quay.io/team/side:2")];
    let ids = [
        ("app", format!("docker.io/library/nginx@{nginx}")),
        ("side", format!("sha256:{}", "12".repeat(32))),
    ];
    server.add("pods", pod("shop", "web-1", &web, &ids));
    let ids =
        [("app", format!("docker-pullable://nginx@{nginx}")), ("side", format!("quay.io/team/side@{other}"))];
    server.add("pods", pod("shop", "web-2", &web, &ids));
    let mut debugged = pod("shop", "web-3", &web, &[]);
    debugged["spec"]["initContainers"] = json!([{ "name": "wait", "image": "busybox" }]);
    debugged["spec"]["ephemeralContainers"] = json!([{ "name": "debug", "image": "ghcr.io/tools/debug:1" }]);
    debugged["status"]["ephemeralContainerStatuses"] =
        json!([{ "name": "debug", "imageID": format!("ghcr.io/tools/debug@{other}") }]);
    server.add("pods", debugged);
    let mut ended = pod("shop", "night-1", &[("app", "a.io/ended:1")], &[]);
    ended["status"]["phase"] = json!("Succeeded");
    server.add("pods", ended);
    server.add("pods", pod("bank", "ledger", &[("app", "a.io/ledger:1")], &[]));
    server.add(
        "deployments",
        maker("shop", "web", json!({ "replicas": 3, "template": template("nginx:1.27") })),
    );
    server.add(
        "deployments",
        maker("shop", "asleep", json!({ "replicas": 0, "template": template("a.io/asleep:1") })),
    );
    let owned = json!([{ "kind": "Deployment", "name": "web", "controller": true }]);
    let mut history = maker("shop", "web-old", json!({ "template": template("nginx:1.26") }));
    history["metadata"]["ownerReferences"] = owned;
    server.add("replicasets", history);
    server.add("replicasets", maker("shop", "alone", json!({ "template": template("a.io/alone:1") })));
    server.add("statefulsets", maker("bank", "db", json!({ "template": template("postgres:17") })));
    server.add("daemonsets", maker("bank", "logs", json!({ "template": template("a.io/logs:1") })));
    server.add("replicationcontrollers", maker("bank", "old", json!({ "template": template("a.io/old:1") })));
    server.add("jobs", maker("bank", "once", json!({ "template": template("a.io/once:1") })));
    let nightly = json!({ "jobTemplate": { "spec": { "template": template("a.io/nightly:1") } } });
    server.add("cronjobs", maker("bank", "nightly", nightly));
    server
}

#[test]
fn everything_that_runs_or_could_run_is_listed_page_by_page() {
    let server = shop();
    let program = program(&server);
    let told = transcript(&program, &program.normal(), &["harvest", "cluster", "-t", "t.io/m"]);
    insta::assert_snapshot!(told);
    let seen = server.seen();
    assert!(seen.iter().all(|seen| seen.is_known && seen.parameter("limit") == Some("500")), "{seen:?}");
    assert!(seen.iter().all(|seen| seen.parameter("labelSelector").is_none()), "{seen:?}");
    let mut pages: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
    for seen in &seen {
        pages.entry(&seen.path).or_default().push(seen.parameter("continue"));
    }
    let whole = vec![None];
    let expected = BTreeMap::from([
        ("/api/v1/pods", vec![None, Some("2"), Some("4")]),
        ("/api/v1/replicationcontrollers", whole.clone()),
        ("/apis/apps/v1/daemonsets", whole.clone()),
        ("/apis/apps/v1/deployments", whole.clone()),
        ("/apis/apps/v1/replicasets", whole.clone()),
        ("/apis/apps/v1/statefulsets", whole.clone()),
        ("/apis/batch/v1/cronjobs", whole.clone()),
        ("/apis/batch/v1/jobs", whole),
    ]);
    assert_eq!(pages, expected);
}

#[test]
fn namespaces_and_labels_are_asked_for_and_nothing_else_is() {
    let server = shop();
    let program = program(&server);
    let cluster = ["harvest", "cluster", "-t", "t.io/m", "-n", "bank,quiet", "-l", "app=ledger"];
    let finished = program.run(&cluster).expect_code(0);
    assert!(finished.stdout.contains("source: a.io/ledger"), "{}", finished.stdout);
    assert_eq!(finished.stdout.matches("source:").count(), 1, "{}", finished.stdout);
    assert!(finished.stderr.contains("nothing was found in the namespace quiet"), "{}", finished.stderr);
    let seen = server.seen();
    let lists: Vec<_> = seen.iter().filter(|seen| seen.path != "/api/v1/namespaces/quiet").collect();
    assert_eq!((lists.len(), seen.len()), (16, 17), "{seen:?}");
    for seen in lists {
        assert_eq!(seen.parameter("labelSelector"), Some("app=ledger"));
        let is_asked =
            ["/namespaces/bank/", "/namespaces/quiet/"].iter().any(|part| seen.path.contains(part));
        assert!(is_asked, "{}", seen.path);
    }
}

#[test]
fn tags_are_pinned_to_what_runs_where_that_is_one_digest() {
    let server = shop();
    let program = program(&server);
    let pinned = ["harvest", "cluster", "-t", "t.io/m", "-n", "shop", "--pin", "--format", "json"];
    let told: Value = serde_json::from_str(&program.run(&pinned).expect_code(0).stdout).expect("JSON");
    let pin = |source: &str| {
        let images = told["images"].as_array().expect("a list");
        let image = images.iter().find(|image| image["source"] == source);
        image.expect("it was found")["tags"][0]["pin"].as_str().map(str::to_owned)
    };
    assert_eq!(pin("docker.io/library/nginx"), Some(digest("ab")), "{told:#}");
    assert_eq!(pin("quay.io/team/side"), Some(digest("cd")));
    assert_eq!(pin("ghcr.io/tools/debug"), Some(digest("cd")));
    assert_eq!(pin("docker.io/library/busybox"), None);
    // Another digest of a tag that runs elsewhere.
    let ids = [("app", format!("docker.io/library/nginx@{}", digest("ee")))];
    server.add("pods", pod("shop", "web-4", &[("app", "nginx:1.27")], &ids));
    let told = program.run(&pinned).expect_code(0).stdout;
    assert!(told.contains("docker.io/library/nginx:1.27 has more than one digest"), "{told}");
    assert!(!told.contains(&format!("1.27@{}", digest("ab"))), "{told}");
}

#[test]
fn what_is_harvested_is_mirrored() {
    let (source, target, server) = (Registry::start(), Registry::start(), Server::start());
    let image = one_platform(4, Format::Oci);
    source.seed(&image, "team/app", &["1.0", "2.0"]);
    target.create("mirror/team/app");
    let name = format!("{}/team/app", source.host());
    let ids = [("app", format!("{name}@{}", image.digest()))];
    server.add("pods", pod("shop", "a", &[("app", &format!("{name}:1.0"))], &ids));
    let program = program(&server);
    let to = format!("{}/mirror", target.host());
    program.run(&["harvest", "cluster", "-t", &to, "--pin", "-o", "found.yaml"]).expect_code(0);
    let text = program.read("found.yaml");
    assert!(text.contains(&format!("1.0@{}", image.digest())), "{text}");
    let plain = format!(
        "version: 1\nregistries:\n  {}: {{ plain_http: true }}\n  {}: {{ plain_http: true }}\n",
        source.host(),
        target.host()
    );
    program.write("crossdock.yaml", &text.replace("version: 1\n", &plain));
    program.run(&["sync"]).expect_code(0);
    assert_eq!(target.tag("mirror/team/app", "1.0"), Some(image.digest()));
    assert_eq!(target.tag("mirror/team/app", "2.0"), None);
    // It is not written over by mistake, and nobody is asked for that.
    let asked = server.seen().len();
    let again = program.run(&["harvest", "cluster", "-t", &to, "-o", "found.yaml"]).expect_code(4);
    assert!(again.stderr.contains("found.yaml is there already"), "{}", again.stderr);
    assert_eq!(server.seen().len(), asked);
    let images = ["harvest", "cluster", "-t", &to, "--as", "images.json", "-o", "images.json"];
    program.run(&images).expect_code(0);
    assert_eq!(program.read("images.json"), format!("{{\n  \"{name}:1.0\": \"{to}/team/app:1.0\"\n}}\n"));
}
