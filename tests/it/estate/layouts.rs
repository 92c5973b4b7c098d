//! Layouts with many repositories as an estate.

use crate::bed::images::{Format, one_platform};
use crate::commands::pair::Pair;

#[test]
fn every_repository_of_a_layout_is_mirrored_under_its_name() {
    let pair = Pair::new();
    for (number, name) in ["team/web", "team/web/api", "other"].into_iter().enumerate() {
        pair.source.seed(&one_platform(number as u64, Format::Oci), name, &["1.0"]);
    }
    let rule = |name: &str| format!("- {{ source: SOURCE/{name}, target: \"oci:all//{name}\" }}\n");
    pair.mirrors(&["team/web", "team/web/api", "other"].map(rule).concat());
    pair.run(&["sync"]).expect_code(0);
    pair.mirrors("- source: oci:all//**\n  target: [\"TARGET/m/{repository}\", \"oci:copy//{repository}\"]");
    pair.run(&["sync"]).expect_code(0);
    for name in ["team/web", "team/web/api", "other"] {
        assert!(pair.target.complete(&format!("m/{name}"), "1.0"), "{name}");
    }
    pair.forget();
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.requests().writes().is_empty());
    pair.mirrors("- source: oci:copy//team/*\n  target: TARGET/n/{repository}");
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.complete("n/web", "1.0") && !pair.target.complete("n/web/api", "1.0"));
    // A layout that is not there is no empty one.
    pair.mirrors("- source: oci:nowhere//**\n  target: TARGET/n/{repository}");
    assert_eq!(pair.report(&["sync"]).1["items"][0]["error"]["code"], "not_found");
}
