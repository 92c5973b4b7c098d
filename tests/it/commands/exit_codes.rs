//! Every exit code, each from a situation that a user can be in. 130 and 143 are in `stopping`.

use super::pair::Pair;
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Behaviour, Options, RequestKind, Rule};

const APP: &str = "- source: SOURCE/app\n  target: TARGET/app\n  tags: [\"1.0\", \"1.1\"]";

/// A pair whose source has these tags of `app`.
fn pair(tags: &[&str]) -> Pair {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", tags);
    pair.mirrors(APP);
    pair
}

/// The code, which the report says too.
fn code(pair: &Pair, arguments: &[&str]) -> (Option<i32>, String) {
    let (finished, report) = pair.report(arguments);
    assert_eq!(report["exitCode"].as_i64(), finished.code.map(i64::from), "{}", finished.stderr);
    (finished.code, report["result"].as_str().expect("a word").to_owned())
}

#[test]
fn a_run_that_writes_and_one_that_need_not_end_with_0() {
    let pair = pair(&["1.0", "1.1"]);
    assert_eq!(code(&pair, &["sync"]), (Some(0), "changed".to_owned()));
    assert_eq!(code(&pair, &["sync"]), (Some(0), "ok".to_owned()));
    assert_eq!(code(&pair, &["check"]), (Some(0), "ok".to_owned()));
    assert_eq!(code(&pair, &["plan", "--detailed-exitcode"]), (Some(0), "ok".to_owned()));
}

#[test]
fn a_run_in_which_nothing_succeeds_ends_with_1() {
    let pair = pair(&[]);
    for command in ["sync", "plan", "check"] {
        assert_eq!(code(&pair, &[command]), (Some(1), "failed".to_owned()), "{command}");
    }
}

#[test]
fn pending_changes_end_with_2_where_that_was_asked_for() {
    let pair = pair(&["1.0", "1.1"]);
    assert_eq!(code(&pair, &["plan"]).0, Some(0));
    assert_eq!(code(&pair, &["plan", "--detailed-exitcode"]), (Some(2), "drift".to_owned()));
    assert_eq!(code(&pair, &["check"]), (Some(2), "drift".to_owned()));
    assert!(pair.target.requests().writes().is_empty());
}

#[test]
fn a_run_in_which_one_tag_of_two_fails_ends_with_3() {
    let pair = pair(&["1.0"]);
    assert_eq!(code(&pair, &["check"]), (Some(3), "partial".to_owned()));
    assert_eq!(code(&pair, &["sync"]), (Some(3), "partial".to_owned()));
    assert!(pair.target.complete("app", "1.0"));
    assert_eq!(code(&pair, &["sync"]), (Some(3), "partial".to_owned()), "it stays so");
}

#[test]
fn a_wrong_spec_ends_with_4_and_contacts_nobody() {
    let pair = pair(&["1.0"]);
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tagz: [latest]");
    for command in ["sync", "plan", "check", "lint", "explain"] {
        assert_eq!(code(&pair, &[command]), (Some(4), "invalid".to_owned()), "{command}");
    }
    assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
}

#[test]
fn credentials_that_are_refused_end_with_5() {
    let users = Users::new().user("alice", "s3cret");
    let pair = Pair::with(Options::new().auth(Auth::Basic(users)), Options::new());
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1"]);
    pair.mirrors(APP);
    for command in ["sync", "plan", "check"] {
        assert_eq!(code(&pair, &[command]), (Some(5), "denied".to_owned()), "{command}");
    }
    pair.mirrors(&APP.replace("[\"1.0\", \"1.1\"]", "\"*\""));
    assert_eq!(pair.run(&["explain"]).code, Some(5));
}

#[test]
fn a_policy_stop_ends_with_6() {
    let pair = pair(&["1.0", "1.1"]);
    pair.target.seed(&one_platform(2, Format::Oci), "app", &["1.0"]);
    pair.mirrors(&format!("{APP}\n  on_existing: fail"));
    for command in ["plan", "check", "sync"] {
        assert_eq!(code(&pair, &[command]), (Some(6), "refused".to_owned()), "{command}");
    }
    assert!(pair.target.complete("app", "1.1"), "the rest is done");
}

#[test]
fn a_deadline_ends_with_7_and_what_is_left_is_deferred() {
    let pair = pair(&["1.0", "1.1"]);
    pair.source.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::StallResponse(100)));
    let (finished, report) = pair.report(&["sync", "--deadline", "300ms"]);
    finished.expect_code(7);
    assert_eq!(report["result"], "deferred");
    assert_eq!(report["run"]["deadlineHit"], true);
    assert_eq!(report["counts"]["deferred"], 2);
    assert!(pair.target.tags("app").is_empty());
    pair.source.clear_rules();
    assert_eq!(code(&pair, &["sync", "--deadline", "1h"]).0, Some(0));
    assert!(pair.target.complete("app", "1.0") && pair.target.complete("app", "1.1"));
}
