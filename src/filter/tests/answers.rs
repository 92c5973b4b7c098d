//! What filters may answer, and what they may not.

use super::guest::{Guest, request, tag};
use crate::filter::{Decision, Destination, Fault, FilterError};

/// A path at 1024, a tag at 2048.
fn names(path: &str, tag: &str) -> String {
    let tag = tag.replace('\n', "\\n");
    format!(r#"(data (i32.const 1024) "{path}") (data (i32.const 2048) "{tag}")"#)
}

/// Renames to these, so many times; an empty path is none.
fn rename(path: &str, tag: &str, times: usize) -> String {
    let (path, tag) = (path.len(), tag.len());
    format!(
        "(call $rename (local.get $decision) (i32.const 1024) (i32.const {path}) (i32.const 2048) \
         (i32.const {tag}) (i32.const {times}))"
    )
}

fn renamed(path: &str, tag: &str) -> Decision {
    let (parts, on_x) = (names(path, tag), rename(path, tag, 1));
    let filter = Guest { parts: &parts, on_x: &on_x, ..Guest::default() }.filter();
    filter.decide(&request(&["x"])).expect("it decides").decisions.remove(0)
}

/// The error about the second of three images.
fn refused(path: &str, tag: &str, times: usize) -> String {
    let (parts, on_x) = (names(path, tag), rename(path, tag, times));
    let error = Guest { parts: &parts, on_x: &on_x, ..Guest::default() }.fails(&["1", "x", "y"]);
    assert!(error.hint.is_some(), "{error}");
    about_x(&error, Fault::Answer)
}

fn about_x(error: &FilterError, fault: Fault) -> String {
    assert_eq!(error.fault, fault, "{error}");
    let text = error.to_string();
    let start = "the filter `guest`: docker.io/library/nginx:x (image 2 of 3): ";
    text.strip_prefix(start).unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn a_filter_decides_each_image_in_order() {
    let (parts, on_x) = (names("mirror/nginx/old", "1.2"), rename("mirror/nginx/old", "1.2", 1));
    let first = r#"(call $drop (local.get $list) (i32.const 2048) (i32.const 3))"#;
    let guest = Guest { parts: &parts, on_x: &on_x, decide: first, ..Guest::default() };
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
}

#[test]
fn a_name_is_the_target_or_below_it() {
    let at = |below: Option<&str>| {
        let below = below.map(|below| below.parse().expect("a path"));
        Decision::Rename(vec![Destination { below, tag: tag("1") }])
    };
    assert_eq!(renamed("", "1"), at(None));
    assert_eq!(renamed("mirror/nginx", "1"), at(None));
    assert_eq!(renamed("mirror/nginx/a/b", "1"), at(Some("a/b")));
    let outside = "only `mirror/nginx` and what is below it is allowed";
    for path in ["mirror", "mirror/nginx2", "mirror/redis", "other/mirror/nginx"] {
        let said = format!("it renames the image to the repository {path:?}: {outside}");
        assert_eq!(refused(path, "1", 1), said);
    }
    for path in ["mirror/nginx/", "mirror/nginx/../x", "mirror/nginx/A", "/mirror/nginx", "a b"] {
        let said = refused(path, "1", 1);
        assert!(said.starts_with(&format!("it renames the image to the repository {path:?}: ")), "{said}");
        assert!(!said.contains(outside), "{said}");
    }
}

#[test]
fn nothing_is_below_a_layout_without_names() {
    let (parts, on_x) = (names("a", "1"), rename("a", "1", 1));
    let filter = Guest { parts: &parts, on_x: &on_x, ..Guest::default() }.filter();
    let mut request = request(&["x"]);
    request.target.path.clear();
    let error = filter.decide(&request).expect_err("it is refused");
    assert!(error.message.ends_with("\"a\": the target is a layout without names"), "{error}");
}

#[test]
fn a_tag_keeps_to_the_grammar() {
    let said = refused("", "a\nb", 1);
    assert_eq!(said, r#"it renames the image to the tag "a\nb": it has '\n', which is not allowed there"#);
    let said = refused("", "::error::x", 1);
    assert!(said.starts_with(r#"it renames the image to the tag "::error::x": "#), "{said}");
    assert!(refused("", &"a".repeat(129), 1).ends_with(": it is longer than 128 bytes"));
    assert!(refused("", &"a".repeat(1000), 1).len() < 300);
    assert!(refused("", "", 1).ends_with("the tag \"\": it is empty"));
}

#[test]
fn an_image_gets_at_least_one_name_and_none_twice() {
    let nothing = refused("", "1", 0);
    assert_eq!(nothing, "it renames the image to nothing");
    assert_eq!(refused("", "1", 2), r#"it gives the image the name "1" twice"#);
    assert_eq!(refused("", "1", 65), "it gives the image 65 names, more than 64");
}

#[test]
fn there_is_one_decision_for_each_image() {
    let few = "(i32.store offset=8 (local.get $answer) (i32.sub (local.get $count) (i32.const 1)))";
    let error = Guest { on_x: few, ..Guest::default() }.fails(&["1", "x", "y"]);
    assert_eq!(about_x(&error, Fault::Answer), "it made 0 decisions about 1 images");
    let many = "(local.set $list (call $new (i32.const 80)))
        (i32.store offset=4 (local.get $answer) (local.get $list))
        (i32.store offset=8 (local.get $answer) (i32.const 5))";
    let error = Guest { decide: many, ..Guest::default() }.fails(&["1", "x", "y"]);
    assert_eq!((error.fault, error.blamed), (Fault::Answer, None));
    assert_eq!(error.message, "it made 5 decisions about 3 images");
}

#[test]
fn bytes_that_are_no_text_and_cases_that_do_not_exist_are_refused() {
    let parts = r#"(data (i32.const 1024) "\ff\fe")"#;
    let on_x = "(call $drop (local.get $decision) (i32.const 1024) (i32.const 2))";
    let error = Guest { parts, on_x, ..Guest::default() }.fails(&["1", "x", "y"]);
    assert_eq!(about_x(&error, Fault::Answer), "it gave text that is not UTF-8");
    for on_x in [
        "(i32.store8 (local.get $decision) (i32.const 7))",
        "(call $drop (local.get $decision) (i32.const -4) (i32.const 9))",
        "(i32.store offset=4 (local.get $answer) (i32.const -64))",
    ] {
        let error = Guest { on_x, ..Guest::default() }.fails(&["1", "x", "y"]);
        let said = about_x(&error, Fault::Answer);
        assert!(said.starts_with("its answer cannot be read: "), "{said}");
    }
}

#[test]
fn long_reasons_and_errors_are_cut() {
    let parts =
        r#"(func $e (param $from i32) (memory.fill (local.get $from) (i32.const 101) (i32.const 9000)))"#;
    let on_x =
        "(call $e (i32.const 1024)) (call $drop (local.get $decision) (i32.const 1024) (i32.const 9000))";
    let filter = Guest { parts, on_x, ..Guest::default() }.filter();
    let decided = filter.decide(&request(&["x"])).expect("it decides");
    assert_eq!(decided.decisions, [Decision::Drop(Some(format!("{} [cut]", "e".repeat(1024))))]);
    let on_x =
        "(call $e (i32.const 1024)) (call $error (local.get $answer) (i32.const 1024) (i32.const 9000))";
    let error = Guest { parts, on_x, ..Guest::default() }.fails(&["1", "x", "y"]);
    let said = about_x(&error, Fault::Refused);
    assert_eq!(said, format!("it says that it cannot decide: {} [cut]", "e".repeat(4096)));
}
