//! Passwords for TCR, made with keys of the account.

use super::{Bench, KEYS, PUSHER, TCR};
use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::Registry;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[test]
fn keys_make_a_password_that_the_registry_takes_and_the_report_says_so() {
    let bench = Bench::new().keyed(KEYS.secret);
    let source = Registry::start();
    source.seed(&two_platforms(1, Format::Oci), "app", &["1.0", "1.1"]);
    bench.tcr.create("team/app");
    let from = source.host();
    bench.program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {TCR}: {{ plain_http: true, credentials: {{ \
             identity: tcr }} }}\nmirrors:\n- {{ source: {from}/app, target: {TCR}/team/app }}\n"
        ),
    );
    bench.run(&["sync"]).expect_code(0);
    assert_eq!(bench.there(), ["team/app:1.0", "team/app:1.1"]);
    assert_eq!(
        bench.counts().into_iter().collect::<Vec<_>>(),
        [("CreateInstanceToken".to_owned(), 1), ("DescribeInstances".to_owned(), 1)]
    );
    let report = bench.report();
    let registries = report["registries"].as_array().expect("registries");
    let tcr = registries.iter().find(|one| one["host"] == TCR).expect("it is told of");
    let text = tcr["credential"].to_string();
    assert!(text.contains("TCR by keys from the environment") && text.contains(PUSHER.0), "{text}");
    // The secret half of the keys goes nowhere, and the password to its registry alone.
    for seen in bench.cloud.seen() {
        let text = format!("{seen:?}{}", String::from_utf8_lossy(&seen.body));
        assert!(!text.contains(KEYS.secret), "{text}");
        let shown = seen.header("authorization").strip_prefix("Basic ").map(|shown| STANDARD.decode(shown));
        let shown = shown.map(|shown| String::from_utf8(shown.expect("base64")).expect("text"));
        assert!(shown.is_none() || seen.host == TCR, "{seen:?}");
        assert!(shown.is_none_or(|shown| shown == format!("{}:{}", PUSHER.0, PUSHER.1)), "{seen:?}");
    }
}

#[test]
fn without_keys_tcr_says_what_is_missing() {
    let bench = Bench::new();
    bench.program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {TCR}: {{ plain_http: true, credentials: {{ identity: tcr }} }}\nmirrors:\n- {{ \
             source: {TCR}/team/app, target: \"oci:out\", tags: [a] }}\n"
        ),
    );
    let finished = bench.run(&["sync"]);
    assert_eq!(finished.code, Some(5), "{}{}", finished.stdout, finished.stderr);
    let error = bench.report()["items"][0]["error"].clone();
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("TENCENTCLOUD_SECRET_ID")), "{error:#}");
    assert!(bench.calls().is_empty() && bench.tcr.requests().is_empty());
}
