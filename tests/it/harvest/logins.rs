//! How a cluster is found, and as whom it is asked.

use super::cluster::program;
use super::server::{Server, TOKEN};
use crate::bed::container::{Container, Entry, Image};
use crate::bed::program::{Finished, Program};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const HARVEST: [&str; 4] = ["harvest", "cluster", "-t", "t.io/m"];

/// A server with one pod.
fn server() -> Server {
    let server = Server::start();
    let spec = json!({ "containers": [{ "name": "a", "image": "a.io/x:1" }] });
    server.add("pods", json!({ "metadata": { "namespace": "shop", "name": "a" }, "spec": spec }));
    server
}

fn is_found(finished: Finished) {
    let finished = finished.expect_code(0);
    assert!(finished.stdout.contains("source: a.io/x"), "{}\n{}", finished.stdout, finished.stderr);
}

/// Nothing that a run says has a secret.
fn tells_no_secret(finished: &Finished) {
    let told = format!("{}{}", finished.stdout, finished.stderr);
    assert!(!told.contains("CANARY"), "{told}");
}

#[test]
fn a_client_certificate_opens_a_cluster() {
    let server = server();
    let program = Program::new();
    let file = |name: &str| server.certificates.file(name).display().to_string();
    let user =
        json!({ "client-certificate": file("client/client.cert"), "client-key": file("client/client.key") });
    program.write("kubeconfig", &server.kubeconfig(&user));
    is_found(program.run(&[&HARVEST[..], &["-k", "kubeconfig"]].concat()));
    assert!(server.seen().iter().all(|seen| seen.is_known));
}

#[test]
fn a_program_gets_the_token_and_what_it_says_is_not_repeated() {
    let server = server();
    let program = Program::new();
    let script = |text: &str| {
        let path = program.write("login", &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    };
    let exec = json!({ "apiVersion": "client.authentication.k8s.io/v1", "command": "./login",
        "args": ["--secret", "arg-CANARY"], "interactiveMode": "Never",
        "env": [{ "name": "SECRET", "value": "env-CANARY" }] });
    program.write("kubeconfig", &server.kubeconfig(&json!({ "exec": exec })));
    let run = || program.run(&[&HARVEST[..], &["-k", "kubeconfig", "-vv"]].concat());
    script(&format!(
        "[ \"$SECRET\" = env-CANARY ] || exit 9\necho '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\
         \"kind\":\"ExecCredential\",\"status\":{{\"token\":\"{TOKEN}\"}}}}'"
    ));
    let finished = run();
    tells_no_secret(&finished);
    is_found(finished);
    for (text, said) in [
        ("echo out-CANARY; exit 3", "login, which gets credentials, failed (exit status: 3)"),
        ("echo '{\"token\": \"out-CANARY\"'", "login wrote is no credential"),
    ] {
        script(text);
        let finished = run().expect_code(5);
        assert!(finished.stderr.contains(said), "{}", finished.stderr);
        tells_no_secret(&finished);
    }
    fs::remove_file(program.work().join("login")).expect("the file is ours");
    let finished = run().expect_code(5);
    assert!(
        finished.stderr.contains("login, which gets credentials, cannot be started"),
        "{}",
        finished.stderr
    );
}

#[test]
fn who_is_not_known_is_told_and_the_token_is_not() {
    let server = server();
    let program = Program::new();
    program.write("kubeconfig", &server.kubeconfig(&json!({ "token": "wr0ng-CANARY" })));
    let finished = program.run(&[&HARVEST[..], &["-k", "kubeconfig", "-vv"]].concat()).expect_code(5);
    assert!(finished.stderr.contains("does not know who asks to list"), "{}", finished.stderr);
    assert!(finished.stdout.is_empty());
    tells_no_secret(&finished);
    program.write("broken", "users: [{ name: me, user: { token: \"wr0ng-CANARY\n");
    program.write("other", "- CANARY\n");
    for file in ["broken", "other"] {
        let finished = program.run(&[&HARVEST[..], &["-k", file]].concat()).expect_code(4);
        assert!(finished.stderr.contains("this is no kubeconfig"), "{}", finished.stderr);
        tells_no_secret(&finished);
    }
}

#[test]
fn several_files_are_one_kubeconfig_and_a_context_is_chosen() {
    let server = server();
    let whole: serde_json::Value =
        serde_json::from_str(&server.kubeconfig(&json!({ "token": TOKEN }))).expect("JSON");
    let mut users = json!({ "apiVersion": "v1", "kind": "Config" });
    users["users"] = whole["users"].clone();
    let mut clusters = whole.clone();
    clusters["users"] = json!([]);
    clusters["current-context"] = json!("there");
    let program = Program::new().variable("KUBECONFIG", "clusters:missing:users");
    program.write("clusters", &clusters.to_string());
    program.write("users", &users.to_string());
    is_found(program.run(&[&HARVEST[..], &["--context", "here"]].concat()));
    let finished = program.run(&HARVEST).expect_code(4);
    assert!(finished.stderr.contains("no context `there`"), "{}", finished.stderr);
    // What is named goes before the variable.
    program.write("whole", &whole.to_string());
    is_found(program.run(&[&HARVEST[..], &["-k", "whole"]].concat()));
    let asked = server.seen().len();
    let nowhere = Program::new().variable("KUBECONFIG", "missing");
    let finished = nowhere.run(&HARVEST).expect_code(4);
    assert!(finished.stderr.contains("no file of KUBECONFIG is there: missing"), "{}", finished.stderr);
    let finished = Program::new().run(&HARVEST).expect_code(4);
    assert!(finished.stderr.contains("there is no kubeconfig"), "{}", finished.stderr);
    assert_eq!(server.seen().len(), asked);
}

#[test]
fn a_proxy_of_the_environment_is_taken_unless_no_proxy_names_the_cluster() {
    let server = server();
    let proxied = |exceptions: &str| {
        let program =
            Program::new().variable("HTTPS_PROXY", "http://localhost:1").variable("NO_PROXY", exceptions);
        program.write("kubeconfig", &server.kubeconfig(&json!({ "token": TOKEN })));
        program.run(&[&HARVEST[..], &["-k", "kubeconfig"]].concat())
    };
    is_found(proxied("127.0.0.0/8"));
    let finished = proxied("example.com").expect_code(1);
    assert!(finished.stderr.contains("the cluster cannot be reached"), "{}", finished.stderr);
}

#[test]
fn a_pod_asks_the_cluster_that_it_runs_in() {
    let server = server();
    let account = "/var/run/secrets/kubernetes.io/serviceaccount";
    let container = Container::of(Image::Full)
        .variable("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        .variable("KUBERNETES_SERVICE_PORT", &server.port().to_string())
        .directory(account, 0, 0);
    container.write(&format!("{account}/token"), TOKEN);
    container.write(&format!("{account}/namespace"), "shop");
    let authority = fs::read_to_string(server.certificates.file("trust/ca.crt")).expect("a certificate");
    container.write(&format!("{account}/ca.crt"), &authority);
    is_found(container.start(Entry::Image(&HARVEST)).wait());
    let without = Program::new()
        .variable("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        .variable("KUBERNETES_SERVICE_PORT", "1");
    let finished = without.run(&HARVEST).expect_code(5);
    assert!(finished.stderr.contains("give the pod a service account"), "{}", finished.stderr);
}

#[test]
fn a_cluster_that_shows_another_certificate_is_told_nothing() {
    let (server, other) = (server(), Server::start());
    let program = program(&server);
    let text = server.kubeconfig(&json!({ "token": TOKEN }));
    let mut config: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    config["clusters"][0]["cluster"]["certificate-authority"] =
        json!(other.certificates.file("trust/ca.crt"));
    program.write("kubeconfig", &config.to_string());
    let finished = program.run(&[&HARVEST[..], &["-k", "kubeconfig"]].concat()).expect_code(1);
    assert!(finished.stderr.contains("the cluster cannot be reached"), "{}", finished.stderr);
    assert_eq!(server.seen(), []);
}
