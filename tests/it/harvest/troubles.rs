//! Clusters that answer in part, late, or not: what is not known whole is not written.

use super::cluster::program;
use super::server::{Seen, Server, refusal};
use crate::bed::program::Program;
use serde_json::json;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const HARVEST: [&str; 6] = ["harvest", "cluster", "-t", "t.io/m", "-o", "found.yaml"];

/// A server with five pods: three pages.
fn server() -> Server {
    let server = Server::start();
    for number in 0..5 {
        let spec = json!({ "containers": [{ "name": "a", "image": format!("a.io/x:{number}") }] });
        let meta = json!({ "namespace": "shop", "name": format!("a-{number}") });
        server.add("pods", json!({ "metadata": meta, "spec": spec }));
    }
    server
}

fn is_pod_page(seen: &Seen, page: Option<&str>) -> bool {
    seen.plural() == "pods" && seen.parameter("continue") == page
}

/// Fails unless nothing was written, and returns what was said.
fn fruitless(program: &Program, arguments: &[&str], code: i32) -> String {
    let finished = program.run(arguments).expect_code(code);
    assert!(finished.stdout.is_empty(), "{}", finished.stdout);
    assert!(!program.work().join("found.yaml").exists());
    finished.stderr
}

#[test]
fn a_right_that_is_missing_is_named_and_ends_it() {
    let server = server();
    server.rule(|seen| {
        let refused = seen.plural() == "cronjobs" && seen.path.contains("/namespaces/shop/");
        refused.then(|| refusal(403, "Forbidden", "cronjobs.batch is forbidden"))
    });
    let program = program(&server);
    let said = fruitless(&program, &[&HARVEST[..], &["-n", "other,shop"]].concat(), 5);
    assert!(said.contains("the cluster does not let us list cronjobs in namespace shop (403)"), "{said}");
    assert!(said.contains("the right `list` on `cronjobs` of the group batch is missing"), "{said}");
    server.rule(|seen| (seen.plural() == "pods").then(|| refusal(403, "Forbidden", "no")));
    let said = fruitless(&program, &HARVEST, 5);
    assert!(said.contains("list pods in all namespaces"), "{said}");
    assert!(said.contains("on `pods` of the core group") && said.contains("`-n`"), "{said}");
}

#[test]
fn pages_that_are_gone_are_read_again_from_the_beginning() {
    let server = server();
    let gone = AtomicUsize::new(0);
    server.rule(move |seen| {
        let expires = is_pod_page(seen, Some("4")) && gone.fetch_add(1, Ordering::SeqCst) == 0;
        expires.then(|| refusal(410, "Expired", "The provided continue parameter is too old"))
    });
    let program = program(&server);
    program.run(&HARVEST).expect_code(0);
    let text = program.read("found.yaml");
    assert!(text.contains("tags: [\"0\", \"1\", \"2\", \"3\", \"4\"]"), "{text}");
    let seen = server.seen();
    let pages: Vec<_> =
        seen.iter().filter(|seen| seen.plural() == "pods").map(|seen| seen.parameter("continue")).collect();
    assert_eq!(pages, [None, Some("2"), Some("4"), None, Some("2"), Some("4")]);
}

#[test]
fn pages_that_are_gone_each_time_are_a_failure() {
    let server = server();
    server.rule(|seen| is_pod_page(seen, Some("2")).then(|| refusal(410, "Expired", "too old")));
    let program = program(&server);
    let said = fruitless(&program, &HARVEST, 1);
    assert!(said.contains("the list of pods changes faster than it can be read"), "{said}");
    assert_eq!(server.seen().iter().filter(|seen| is_pod_page(seen, None)).count(), 4);
}

#[test]
fn an_error_that_passes_is_waited_for_and_another_is_not() {
    let server = server();
    let times = AtomicUsize::new(0);
    server.rule(move |seen| {
        let fails = is_pod_page(seen, Some("2")) && times.fetch_add(1, Ordering::SeqCst) == 0;
        fails.then(|| refusal(500, "InternalError", "etcdserver: request timed out"))
    });
    let program = program(&server);
    program.run(&[&HARVEST[..], &["-q"]].concat()).expect_code(0);
    assert_eq!(server.seen().iter().filter(|seen| is_pod_page(seen, Some("2"))).count(), 2);
    let program = self::program(&server);
    server.rule(|seen| is_pod_page(seen, None).then(|| refusal(422, "Invalid", "\u{1b}[31mit is so")));
    let said = fruitless(&program, &HARVEST, 1);
    assert!(said.contains("the cluster answers 422") && said.contains("it is so"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
    assert_eq!(server.seen().iter().filter(|seen| is_pod_page(seen, None)).count(), 2);
}

#[test]
fn an_answer_that_is_no_whole_list_is_a_failure() {
    let server = server();
    let program = program(&server);
    for (body, said) in [
        (json!({ "metadata": {}, "items": null }), "the answer is no list"),
        (json!({ "metadata": {} }), "the answer is no list"),
        (json!("{\"items\": [{\"metadata\""), "the answer is no list"),
        (json!({ "items": [{ "spec": { "containers": "x" } }] }), "the answer is no list"),
    ] {
        let body = Mutex::new(body);
        server.rule(move |seen| {
            is_pod_page(seen, Some("4")).then(|| (200, body.lock().expect("nobody panics").clone()))
        });
        let told = fruitless(&program, &HARVEST, 1);
        assert!(told.contains(said), "{told}");
    }
    server.rule(|seen| {
        let next = json!({ "metadata": { "continue": "2" }, "items": [] });
        is_pod_page(seen, Some("2")).then_some((200, next))
    });
    let told = fruitless(&program, &HARVEST, 1);
    assert!(told.contains("a page leads to itself"), "{told}");
    server.rule(|seen| (seen.plural() == "cronjobs").then(|| refusal(404, "NotFound", "not here")));
    let told = fruitless(&program, &HARVEST, 1);
    assert!(told.contains("list cronjobs in all namespaces: the cluster answers 404"), "{told}");
}

#[test]
fn a_namespace_that_is_not_there_is_no_empty_one() {
    let server = server();
    let program = program(&server);
    let said = fruitless(&program, &[&HARVEST[..], &["-n", "shop,nowhere"]].concat(), 1);
    assert!(said.contains("there is no namespace nowhere"), "{said}");
    let said = fruitless(&program, &[&HARVEST[..], &["-n", "quiet"]].concat(), 4);
    assert!(said.contains("no image was found"), "{said}");
    server.rule(|seen| seen.path.ends_with("/namespaces/quiet").then(|| refusal(403, "Forbidden", "no")));
    program.run(&[&HARVEST[..], &["-n", "shop,quiet"]].concat()).expect_code(0);
}

#[test]
fn a_cluster_that_does_not_answer_is_left_when_the_deadline_comes() {
    let listener = crate::bed::listening::free_port();
    let program = Program::new();
    let server = server();
    let text = server.kubeconfig(&json!({})).replace(
        &format!("127.0.0.1:{}", server.port()),
        &listener.local_addr().expect("a bound socket has an address").to_string(),
    );
    program.write_home(".kube/config", &text);
    let said = fruitless(&program, &[&HARVEST[..], &["--deadline", "1s"]].concat(), 7);
    assert!(said.contains("the cluster was not read to its end"), "{said}");
}
