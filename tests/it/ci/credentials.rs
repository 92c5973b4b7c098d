//! Credentials that a pipeline hands in: what goes before what, and that nobody sees them.

use super::pipeline::{APP, GITHUB, Pipeline};
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Options, TokenServer};
use crate::commands::pair::Pair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const CANARY: &str = "canary5ecret";

/// A pipeline whose registries know alice and her password alone.
fn guarded(variables: &[(&str, &str)]) -> Pipeline {
    let users = || Users::new().user("alice", CANARY).allow("alice", "*", "pull,push");
    let basic = Options::new().auth(Auth::Basic(users()));
    let bearer = Options::new().auth(Auth::Bearer(TokenServer::new(users())));
    let pipeline = Pipeline::around(Pair::with(basic, bearer), &[&GITHUB, variables].concat());
    pipeline.pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pipeline.pair.mirrors(APP);
    pipeline
}

const AUTH: &str = "- { registry: SOURCE, username: alice, password: canary5ecret }
- { registry: TARGET, username: alice, password: canary5ecret }";

#[test]
fn an_input_goes_before_dockers_file_and_the_spec() {
    let pipeline = guarded(&[("INPUT_REGISTRY-AUTH", AUTH), ("INPUT_LOG-LEVEL", "trace")]);
    let stale = STANDARD.encode("bob:old");
    let file = format!(r#"{{"auths":{{"SOURCE":{{"auth":"{stale}"}},"TARGET":{{"auth":"{stale}"}}}}}}"#);
    pipeline.pair.program.write_home(".docker/config.json", &pipeline.pair.placed(&file));
    let stale = "{ plain_http: true, credentials: { username: bob, password: \"${OLD:-old}\" } }";
    pipeline.pair.registries(&format!("SOURCE: {stale}\nTARGET: {stale}"), APP);
    let finished = pipeline.run().expect_code(0);
    assert!(pipeline.pair.target.complete("app", "1.0"));
    assert!(finished.stdout.contains("from the input registry-auth"), "{}", finished.stdout);
    let masked = format!("::add-mask::{CANARY}\n");
    assert!(finished.stdout.starts_with(&masked.repeat(2)), "{}", finished.stdout);
    let rest = finished.stdout.replace(&masked, "");
    assert!(rest.len() > 500 && !rest.contains(CANARY), "{rest}");
    for file in pipeline.pair.program.files() {
        let root = pipeline.pair.program.home().join("..").join(&file);
        let text = std::fs::read_to_string(root).expect("a text");
        assert!(!text.contains(CANARY), "{file}");
    }
}

#[test]
fn a_secret_is_handed_over_for_hiding_only_where_a_runner_hides_it() {
    for variables in [[("CI", "true")].as_slice(), &[("GITLAB_CI", "true")], &[("CROSSDOCK_CI", "github")]] {
        let mut pipeline = Pipeline::new(variables);
        pipeline.set("INPUT_REGISTRY_AUTH", AUTH);
        pipeline.pair.mirrors(APP);
        let finished = pipeline.run();
        assert!(!finished.stdout.contains(CANARY) && !finished.stderr.contains(CANARY), "{finished:?}");
    }
}

#[test]
fn a_short_secret_is_not_hidden_since_half_of_the_log_would_go_with_it() {
    let auth = "{ registry: a.test, username: alice, password: short }";
    let finished = guarded(&[("INPUT_REGISTRY-AUTH", auth)]).run();
    assert!(!finished.stdout.contains("add-mask"), "{}", finished.stdout);
}

#[test]
fn a_wrong_entry_is_named_and_never_shown() {
    let auth = "- { registry: SOURCE, username: alice, pasword: canary5ecret }\n- { username: canary5ecret }";
    let pipeline = guarded(&[("INPUT_REGISTRY-AUTH", auth)]);
    let finished = pipeline.run().expect_code(4);
    insta::assert_snapshot!(pipeline.normal().of(&finished.stdout));
    pipeline.assert_nobody_was_asked();
    for form in [finished.stdout, pipeline.file("output"), pipeline.file("summary")] {
        assert!(!form.contains(CANARY), "{form}");
    }
}

#[test]
fn a_password_can_come_from_a_variable() {
    let auth = AUTH.replace("canary5ecret", "'${PASSWORD}'");
    let pipeline = guarded(&[("INPUT_REGISTRY-AUTH", &auth), ("PASSWORD", CANARY)]);
    pipeline.run().expect_code(0);
}

#[test]
fn dockers_directory_is_an_input() {
    let pipeline = guarded(&[("INPUT_DOCKER-CONFIG", "WORK/login")]);
    let auth = STANDARD.encode(format!("alice:{CANARY}"));
    let file = format!(r#"{{"auths":{{"SOURCE":{{"auth":"{auth}"}},"TARGET":{{"auth":"{auth}"}}}}}}"#);
    pipeline.pair.program.write("login/config.json", &pipeline.pair.placed(&file));
    pipeline.run().expect_code(0);
}

#[test]
fn a_container_that_cannot_see_a_login_is_told_what_to_do() {
    let pipeline = guarded(&[("HOME", "/github/home")]);
    let finished = pipeline.run().expect_code(5);
    let words = "container actions cannot see docker/login-action's login";
    assert_eq!(finished.stdout.matches(words).count(), 2, "in the log and beside it: {}", finished.stdout);
    let elsewhere = guarded(&[]).run().expect_code(5);
    assert!(!elsewhere.stdout.contains("docker/login-action"), "{}", elsewhere.stdout);
}
