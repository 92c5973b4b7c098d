//! `plan` and `check` with rights to pull only, against targets that take no writes.

use super::cargo::Cargo;
use super::tokens::{program, spec, users};
use crate::bed::distribution::Distribution;
use crate::bed::skopeo::Skopeo;
use crate::bed::token::TokenAuthority;
use crate::transcript::transcript;

#[test]
fn plan_and_check_ask_for_tokens_to_pull_and_for_nothing_else() {
    let (cargo, authority, program) = (Cargo::new(), TokenAuthority::start(users()), program());
    let (source, target) = (Distribution::with_tokens(&authority), Distribution::with_tokens(&authority));
    cargo.load(&Skopeo::new().credentials("alice", "s3cret"), source.host());
    let mut target = target.into_read_only();
    let before = authority.requests().len();
    let (from, to) = (format!("{}/", source.host()), format!("{}/", target.host()));
    let hosts = [source.host(), target.host()];
    program.write("crossdock.yaml", &spec(&hosts, "reader", "READER", &cargo.rules(&from, &to)));
    target.clear_requests();
    let said = program.run(&["plan", "-o", "plan.json"]).expect_code(0).stdout;
    assert!(said.contains("Plan: 5 to create"), "{said}");
    program.run(&["check"]).expect_code(2);
    program.run(&["explain"]).expect_code(0);
    let asked = authority.requests().split_off(before);
    assert!(!asked.is_empty());
    for request in &asked {
        assert_eq!((request.user.as_deref(), request.status), (Some("reader"), 200));
        for scope in request.scopes.iter().flat_map(|scope| scope.split(' ')) {
            assert!(scope.ends_with(":pull"), "{scope}");
        }
    }
    let writes: Vec<String> =
        target.requests().iter().filter(|served| served.is_write()).map(ToString::to_string).collect();
    assert_eq!(writes, [""; 0]);
}

#[test]
fn who_may_only_pull_is_told_that_when_they_write() {
    let (cargo, authority, program) = (Cargo::new(), TokenAuthority::start(users()), program());
    let (source, target) = (Distribution::with_tokens(&authority), Distribution::with_tokens(&authority));
    cargo.load(&Skopeo::new().credentials("alice", "s3cret"), source.host());
    let rule = format!(
        "- {{ source: {}/team/oci-one, target: {}/app, tags: [\"1.0\"] }}\n",
        source.host(),
        target.host()
    );
    let hosts = [source.host(), target.host()];
    program.write("crossdock.yaml", &spec(&hosts, "reader", "READER", &rule));
    let normal = program.normal().text(source.host(), "source.test").text(target.host(), "target.test");
    let realm = authority.realm();
    let normal = normal.text(&realm, "[REALM]");
    insta::assert_snapshot!(transcript(&program, &normal, &["sync", "--progress", "none"]));
}
