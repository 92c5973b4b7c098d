//! Images of every kind from one docker-registry to another, and what the second run asks.

use super::cargo::{Cargo, TAG};
use crate::bed::distribution::Distribution;
use crate::bed::grants::Users;
use crate::bed::memory::RequestKind;
use crate::bed::program::Program;
use crate::bed::proxy::Proxy;
use crate::bed::skopeo::Skopeo;

fn plain(hosts: &[&str], rules: &str) -> String {
    let registries: String = hosts.iter().map(|host| format!("  {host}: {{ plain_http: true }}\n")).collect();
    format!("version: 1\nregistries:\n{registries}mirrors:\n{rules}")
}

#[test]
fn every_kind_of_image_arrives_byte_for_byte() {
    let (cargo, skopeo, program) = (Cargo::new(), Skopeo::new(), Program::new());
    let (source, target) = (Distribution::plain(), Distribution::plain());
    cargo.load(&skopeo, source.host());
    let (from, to) = (format!("{}/", source.host()), format!("{}/mirror/", target.host()));
    program.write("crossdock.yaml", &plain(&[source.host(), target.host()], &cargo.rules(&from, &to)));
    let finished = program.run(&["sync"]).expect_code(0);
    assert!(finished.stdout.contains("5 created"), "{}", finished.stdout);
    cargo.assert_at(&skopeo, &to);
    for (repository, image) in cargo.iter() {
        let source = skopeo.inspect_raw(&format!("docker://{from}{repository}:{TAG}")).expect("there");
        assert_eq!(source, image.root().bytes, "the source is what it was");
    }
}

#[test]
fn the_second_run_asks_once_for_each_end_and_tag_and_who_speaks_about_them() {
    let (cargo, skopeo, program) = (Cargo::new(), Skopeo::new(), Program::new());
    let (source, mut target) = (Distribution::plain(), Distribution::plain());
    cargo.load(&skopeo, source.host());
    let proxy = Proxy::before(source.host());
    let (from, to) = (format!("{}/", proxy.host()), format!("{}/", target.host()));
    program.write("crossdock.yaml", &plain(&[&proxy.host(), target.host()], &cargo.rules(&from, &to)));
    program.run(&["sync"]).expect_code(0);
    assert!(proxy.requests().writes().is_empty());
    proxy.clear_requests();
    target.clear_requests();
    program.run(&["sync"]).expect_code(0);
    let mut asked: Vec<String> = target.requests().iter().map(ToString::to_string).collect();
    asked.sort();
    let expected: Vec<String> =
        cargo.iter().map(|(repository, _)| format!("HEAD /v2/{repository}/manifests/{TAG} 200")).collect();
    assert_eq!(asked, expected);
    assert_eq!(proxy.requests().count(RequestKind::ManifestHead), expected.len());
    // Who speaks about them: one question, and a list of each repository's tags.
    assert_eq!(proxy.requests().count(RequestKind::ReferrersGet), 1);
    assert_eq!(proxy.requests().count(RequestKind::TagList), expected.len());
    assert_eq!(proxy.requests().len(), 2 * expected.len() + 1, "{}", proxy.requests());
}

#[test]
fn a_layer_that_another_repository_has_is_mounted_and_not_fetched() {
    let (cargo, skopeo, program) = (Cargo::new(), Skopeo::new(), Program::new());
    let (source, target) = (Distribution::plain(), Distribution::plain());
    cargo.load(&skopeo, source.host());
    let rules = format!(
        "- {{ name: one, source: {0}/team/attested, target: {1}/one, tags: [\"1.0\"] }}\n\
         - {{ name: two, source: {0}/team/attested, target: {1}/two, tags: [\"1.0\"] }}\n",
        source.host(),
        target.host()
    );
    let proxy = Proxy::before(source.host());
    let rules = rules.replace(source.host(), &proxy.host());
    program.write("crossdock.yaml", &plain(&[&proxy.host(), target.host()], &rules));
    program.run(&["sync"]).expect_code(0);
    let blobs = cargo.iter().find(|(name, _)| *name == "team/attested").expect("there").1.blobs.len();
    assert_eq!(proxy.requests().count(RequestKind::BlobGet), blobs, "each blob once");
    for repository in ["one", "two"] {
        let reference = format!("docker://{}/{repository}:1.0", target.host());
        let folder = tempfile::tempdir().expect("a folder");
        skopeo.copy_all(&reference, &format!("oci:{}:1.0", folder.path().display())).expect("whole");
    }
}

#[test]
fn from_a_password_over_tls_to_a_client_certificate() {
    let (cargo, program) = (Cargo::new(), Program::new());
    let users = Users::new().user("alice", "s3cret");
    let (source, target) = (Distribution::with_passwords(&users), Distribution::with_client_certificates());
    let alice = Skopeo::new().certificates(&source.certificates().trust()).credentials("alice", "s3cret");
    cargo.load(&alice, source.host());
    let (from, to) = (format!("{}/", source.host()), format!("{}/", target.host()));
    let certificate = |name: &str| target.certificates().client().join(name).display().to_string();
    let spec = format!(
        "version: 1\nregistries:\n  {}:\n    tls: {{ ca_file: {} }}\n    \
         credentials: {{ username: alice, password: \"${{PASSWORD}}\" }}\n  {}:\n    \
         tls: {{ ca_file: {}, client_cert: {}, client_key: {} }}\nmirrors:\n{}",
        source.host(),
        source.certificates().trust().join("ca.crt").display(),
        target.host(),
        certificate("ca.crt"),
        certificate("client.cert"),
        certificate("client.key"),
        cargo.rules(&from, &to),
    );
    program.write("crossdock.yaml", &spec);
    let program = program.variable("PASSWORD", "s3cret");
    program.run(&["sync"]).expect_code(0);
    let known = Skopeo::new().certificates(&target.certificates().client());
    cargo.assert_at(&known, &to);
    program.run(&["check"]).expect_code(0);
}
