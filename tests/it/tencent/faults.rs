//! What is refused, throttled or not whole is told as what it is.

use super::{Bench, CCR, KEYS};
use serde_json::Value;

/// A rule about all of CCR, and what came of listing it.
fn listed(bench: &Bench) -> Value {
    let text = format!(
        "version: 1\nregistries:\n  {CCR}: {{ plain_http: true, credentials: {{ anonymous: true }}, cloud_keys: {{ id: \
         \"${{ID:-}}\", secret: \"${{KEY:-}}\" }} }}\nmirrors:\n- {{ source: {CCR}/**, target: \"r.corp/{{repository}}\", tags: \
         [\"1.0\"] }}\n"
    );
    bench.program.write("crossdock.yaml", &text);
    bench.run(&["explain"]);
    let report = bench.report();
    match report["items"].as_array().and_then(|items| items.first()) {
        Some(item) => item["error"].clone(),
        None => Value::Null,
    }
}

fn bench(id: &str, secret: &str) -> Bench {
    let bench = Bench::new();
    bench.change(|state| drop(state.tags.insert("team/app".to_owned(), Vec::new())));
    let program = bench.program.variable("ID", id).variable("KEY", secret);
    Bench { program, ..bench }
}

#[test]
fn refusals_are_told_by_their_code_and_never_by_the_words_of_the_cloud() {
    let refused = |id: &str, secret: &str, method_and_code: Option<(&'static str, &'static str)>| {
        let bench = bench(id, secret);
        bench.change(|state| state.refused = method_and_code);
        let error = listed(&bench);
        let told = (error["code"].as_str().unwrap_or_default().to_owned(), error["hint"].to_string());
        (told.0, told.1, bench.calls().len())
    };
    let list = "DescribeRepositoryOwnerPersonal";
    for (id, secret, refusal, code, hint) in [
        ("AKIDother", KEYS.secret, None, "credential_unavailable", "pair of keys"),
        (KEYS.id, "canary-wrong", None, "credential_unavailable", "pair of keys"),
        (
            KEYS.id,
            KEYS.secret,
            Some((list, "AuthFailure.SignatureExpire")),
            "credential_unavailable",
            "clock",
        ),
        (KEYS.id, KEYS.secret, Some((list, "UnauthorizedOperation.CamNoAuth")), "denied", "the right"),
        (KEYS.id, KEYS.secret, Some((list, "ResourceNotFound.ErrNoUser")), "not_found", "whose keys"),
    ] {
        let (told, advice, calls) = refused(id, secret, refusal);
        assert_eq!((told.as_str(), calls), (code, 1), "{refusal:?}: {advice}");
        assert!(advice.contains(hint), "{refusal:?}: {advice}");
    }
}

#[test]
fn what_was_too_much_is_asked_again() {
    let bench = bench(KEYS.id, KEYS.secret);
    bench.change(|state| state.throttled = 2);
    assert_eq!(listed(&bench), Value::Null);
    assert_eq!(bench.calls().len(), 3);
}

#[test]
fn a_catalog_that_is_not_whole_is_read_twice_and_then_a_failure() {
    let bench = bench(KEYS.id, KEYS.secret);
    bench.change(|state| state.hidden = 1);
    let error = listed(&bench);
    assert_eq!(error["code"], "protocol", "{error:#}");
    assert!(error["message"].as_str().is_some_and(|why| why.contains("after 1 of 2")), "{error:#}");
    assert_eq!(bench.calls().len(), 4, "the page, and the one after it, twice");
}

#[test]
fn without_keys_nothing_is_listed_and_it_is_said_which_are_missing() {
    let bench = bench("", "");
    let error = listed(&bench);
    assert_eq!(error["code"], "credential_unavailable", "{error:#}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("cloud_keys")), "{error:#}");
    assert!(bench.calls().is_empty());
}
