//! `crossdock check`: what has drifted, without any right to change it.

use super::pair::Pair;
use super::plan::mixed;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Options, RequestKind, Writes};

#[test]
fn a_check_shows_the_drift() {
    insta::assert_snapshot!(mixed().transcript(&["check", "--only", "the app"]));
}

#[test]
fn a_check_of_what_cannot_be_compared_says_so() {
    insta::assert_snapshot!(mixed().transcript(&["check"]));
}

#[test]
fn plan_and_check_write_nothing_to_a_target_that_refuses_writes() {
    let pair = Pair::with(Options::new(), Options::new().writes(Writes::Refused));
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1"]);
    pair.target.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tags: \"1.*\"");
    for (arguments, code) in [(["check", "-q"], 2), (["plan", "-q"], 0)] {
        pair.forget();
        pair.run(&arguments).expect_code(code);
        for registry in [&pair.source, &pair.target] {
            let requests = registry.requests();
            assert!(requests.writes().is_empty(), "{requests}");
            assert_eq!(requests.count(RequestKind::BlobGet), 0, "{requests}");
        }
        assert_eq!(pair.target.requests().count(RequestKind::ManifestHead), 2);
    }
    assert_eq!(pair.run(&["check"]).stderr, "", "a check has nothing to say on stderr");
}
