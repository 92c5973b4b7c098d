//! What filters may answer, and what they may not.

use super::guest::{Guest, request, tag};
use crate::filter::{Decision, Destination, Fault, Needs};

/// A path at 1024, a tag at 2048.
fn names(path: &str, tag: &str) -> String {
    format!(r#"(data (i32.const 1024) "{path}") (data (i32.const 2048) "{tag}")"#)
}

fn rename(path: &str, tag: &str, times: usize) -> String {
    format!(
        "(call $rename (local.get $decision) (i32.const 1024) (i32.const {}) (i32.const 2048) (i32.const {}) (i32.const {times}))",
        path.len(),
        tag.len()
    )
}

#[test]
fn a_filter_decides_each_image_in_order() {
    let (parts, on_x) = (names("mirror/nginx/old", "1.2"), rename("mirror/nginx/old", "1.2", 1));
    let guest = Guest {
        parts: &parts,
        on_x: &on_x,
        decide: r#"(call $drop (local.get $list) (i32.const 2048) (i32.const 3))"#,
        ..Guest::default()
    };
    let decided = guest.filter().decide(&request(&["1", "2", "x"])).expect("it decides");
    let below = Some("old".parse().expect("a path"));
    assert_eq!(
        decided.decisions,
        [
            Decision::Drop(Some("1.2".to_owned())),
            Decision::Keep,
            Decision::Rename(vec![Destination { below, tag: tag("1.2") }])
        ]
    );
    assert_eq!(decided.log, []);
    assert!(decided.used.fuel > 100 && decided.used.memory_bytes >= 2 << 16, "{:?}", decided.used);
}

#[test]
fn a_filter_says_what_it_needs() {
    let none = Needs::default();
    assert_eq!(Guest::default().filter().needs(), none);
    let needs = Guest { needs: 0b10001, ..Guest::default() }.filter().needs();
    assert_eq!(needs, Needs { digest: true, now: true, ..none });
}

#[test]
fn an_illegal_tag_is_refused_and_its_image_named() {
    let (parts, on_x) = (names("", "a\\0ab"), rename("", "a\nb", 1));
    let error = Guest { parts: &parts, on_x: &on_x, ..Guest::default() }.fails(&["1", "x", "y"]);
    assert_eq!(error.fault, Fault::Answer);
    assert_eq!(
        error.to_string(),
        "the filter `guest`: docker.io/library/nginx:x (image 2 of 3): it renames the image to the tag \"a\\nb\": it has '\\n', which is not allowed there"
    );
}
