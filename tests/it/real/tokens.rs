//! Bearer tokens: what they are asked for, and that they may run out in the middle of a run.

use super::cargo::Cargo;
use crate::bed::distribution::Distribution;
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Behaviour, Gate, Options, Registry, RequestKind, Rule, TokenServer};
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use crate::bed::token::TokenAuthority;
use crate::transcript::transcript;

pub(super) fn users() -> Users {
    let users = Users::new().user("alice", "s3cret").user("reader", "r3ad");
    users.allow("alice", "*", "pull,push").allow("reader", "*", "pull")
}

/// The program with the passwords in its environment.
pub(super) fn program() -> Program {
    Program::new().variable("ALICE", "s3cret").variable("READER", "r3ad")
}

/// A spec for registries with tokens, as this user, whose password is in this variable.
pub(super) fn spec(hosts: &[&str], user: &str, variable: &str, rules: &str) -> String {
    let registry = |host: &&str| {
        format!(
            "  {host}: {{ plain_http: true, credentials: {{ username: {user}, password: \"${{{variable}}}\" }} }}\n"
        )
    };
    let registries: String = hosts.iter().map(registry).collect();
    format!("version: 1\nregistries:\n{registries}mirrors:\n{rules}")
}

#[test]
fn every_kind_of_image_arrives_and_tokens_ask_for_no_more_than_is_needed() {
    let (cargo, authority, program) = (Cargo::new(), TokenAuthority::start(users()), program());
    let (source, target) = (Distribution::with_tokens(&authority), Distribution::with_tokens(&authority));
    let alice = Skopeo::new().credentials("alice", "s3cret");
    cargo.load(&alice, source.host());
    let before = authority.requests().len();
    let (from, to) = (format!("{}/", source.host()), format!("{}/mirror/", target.host()));
    let hosts = [source.host(), target.host()];
    program.write("crossdock.yaml", &spec(&hosts, "alice", "ALICE", &cargo.rules(&from, &to)));
    program.run(&["sync"]).expect_code(0);
    let asked = authority.requests().split_off(before);
    for request in &asked {
        assert_eq!((request.user.as_deref(), request.status), (Some("alice"), 200));
        for scope in request.scopes.iter().flat_map(|scope| scope.split(' ')) {
            let writes = scope.ends_with("push");
            assert!(!writes || scope.starts_with("repository:mirror/"), "{scope}");
        }
    }
    assert!(asked.len() <= 4 * cargo.iter().count(), "{} tokens", asked.len());
    cargo.assert_at(&alice, &to);
}

#[test]
fn a_token_that_is_outdated_when_it_comes_is_told_apart_from_a_wrong_password() {
    let (cargo, authority, program) = (Cargo::new(), TokenAuthority::start(users()), program());
    let source = Distribution::with_tokens(&authority);
    cargo.load(&Skopeo::new().credentials("alice", "s3cret"), source.host());
    let rules =
        format!("- {{ source: {}/team/oci-one, target: \"oci:out\", tags: [\"1.0\"] }}\n", source.host());
    program.write("crossdock.yaml", &spec(&[source.host()], "alice", "ALICE", &rules));
    authority.outdate(100);
    let normal = program.normal().text(source.host(), "source.test");
    insta::assert_snapshot!(transcript(&program, &normal, &["sync", "--progress", "none"]));
    authority.outdate(0);
    program.run(&["sync"]).expect_code(0);
}

#[test]
fn tokens_that_last_a_second_are_renewed_during_the_run() {
    let (cargo, authority, program) = (Cargo::new(), TokenAuthority::start(users()), program());
    let (source, target) = (Distribution::with_tokens(&authority), Distribution::with_tokens(&authority));
    let alice = Skopeo::new().credentials("alice", "s3cret");
    cargo.load(&alice, source.host());
    authority.expires_in_s(1);
    let (from, to) = (format!("{}/", source.host()), format!("{}/", target.host()));
    let hosts = [source.host(), target.host()];
    program.write("crossdock.yaml", &spec(&hosts, "alice", "ALICE", &cargo.rules(&from, &to)));
    program.run(&["sync"]).expect_code(0);
    authority.expires_in_s(300);
    cargo.assert_at(&alice, &to);
}

#[test]
fn tokens_that_expire_between_two_requests_are_renewed() {
    let bearer = || Options::new().auth(Auth::Bearer(TokenServer::new(users())));
    let (source, target, program): (Registry, Registry, _) = (bearer().start(), bearer().start(), program());
    let image = one_platform(1, Format::Oci);
    source.seed(&image, "app", &["1.0"]);
    let rules =
        format!("- {{ source: {}/app, target: {}/app, tags: [\"1.0\"] }}\n", source.host(), target.host());
    program.write("crossdock.yaml", &spec(&[&source.host(), &target.host()], "alice", "ALICE", &rules));
    let (blob, manifest) = (Gate::closed(), Gate::closed());
    source.rule(Rule::on(RequestKind::BlobGet).first(1).then(Behaviour::Hold(blob.clone())));
    target.rule(Rule::on(RequestKind::ManifestPut).first(1).then(Behaviour::Hold(manifest.clone())));
    let running = program.spawn(&["sync"]);
    for (registry, gate) in [(&source, &blob), (&target, &manifest)] {
        gate.wait_for(1);
        registry.expire_tokens();
        gate.open();
    }
    running.wait().expect_code(0);
    assert!(target.complete("app", "1.0"));
    for registry in [&source, &target] {
        let refused = registry.requests().iter().filter(|request| request.status == Some(401)).count();
        assert!(refused >= 2, "{}", registry.requests());
    }
}
