//! Lists of tags, in all ways of paging that there are and some that there should not be.

use super::{Canned, Mirror, Registry, RequestKind, Rule, Run, count, on_answer};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Options, Paging, TagOrder};

const TAGS: [&str; 7] = ["1.0", "1.1", "1.2", "2.0", "2.1", "latest", "v3"];

fn source(options: Options) -> Registry {
    let source = options.start();
    source.seed(&one_platform(1, Format::Oci), "app", &TAGS);
    source
}

/// Mirrors all tags; returns the run and the tags that arrived.
fn mirrored(source: &Registry) -> (Run, Vec<String>) {
    let target = Registry::start();
    let mirror = Mirror::of(&[source, &target]);
    let run = mirror.copying(source, "app", &[(&target, "copy")], r#"{ include: ["*"] }"#).sync();
    (run, target.tags("copy").into_keys().collect())
}

fn page(tags: &str) -> Canned {
    Canned::new(200)
        .header("content-type", "application/json")
        .body(&format!("{{\"name\":\"app\",\"tags\":{tags}}}"))
}

/// Answers the first page and those whose query has `key`.
fn first(canned: Canned) -> Rule {
    on_answer(RequestKind::TagList, canned).path("/tags/list$")
}

fn later(query: &str, canned: Canned) -> Rule {
    on_answer(RequestKind::TagList, canned).path(query)
}

#[test]
fn every_page_is_read_whatever_its_link_looks_like() {
    for paging in [Paging::Ignored, Paging::Relative(3), Paging::Absolute(2), Paging::Relative(1)] {
        let source = source(Options::new().paging(paging));
        let (run, tags) = mirrored(&source);
        run.code(0);
        assert_eq!(tags, TAGS, "{paging:?}");
    }
    let unsorted = source(Options::new().tag_order(TagOrder::NewestFirst));
    assert_eq!(mirrored(&unsorted).1, TAGS);
}

#[test]
fn a_link_to_another_host_is_followed_at_home_and_the_other_host_hears_nothing() {
    let (source, elsewhere) = (source(Options::new()), Registry::start());
    let link = format!("<{}/v2/app/tags/list?last=1.1&n=2>; rel=\"next\"", elsewhere.url());
    source.rule(first(page(r#"["1.0","1.1"]"#).header("link", &link)));
    source.rule(later("last=1.1", page(r#"["1.2"]"#)));
    let (run, tags) = mirrored(&source);
    run.code(0);
    assert_eq!(tags, ["1.0", "1.1", "1.2"]);
    assert!(elsewhere.requests().is_empty());
    assert_eq!(count(&source, RequestKind::TagList), 2);
}

#[test]
fn links_in_a_circle_end() {
    let source = source(Options::new());
    let to = |query: &str| format!("</v2/app/tags/list?{query}>; rel=next");
    source.rule(first(page(r#"["1.0"]"#).header("link", &to("page=a"))));
    source.rule(later("page=a", page(r#"["1.1"]"#).header("link", &to("page=b"))));
    source.rule(later("page=b", page(r#"["1.2"]"#).header("link", &to("page=a"))));
    let (run, tags) = mirrored(&source);
    run.code(0);
    assert_eq!(tags, ["1.0", "1.1", "1.2"]);
    assert!(count(&source, RequestKind::TagList) <= 4);
}

#[test]
fn a_page_that_links_to_itself_is_read_once_or_twice() {
    let source = source(Options::new());
    source.rule(first(page(r#"["1.0","2.0"]"#).header("link", "</v2/app/tags/list?n=100>; rel=next")));
    source
        .rule(later("n=100", page(r#"["1.0","2.0"]"#).header("link", "</v2/app/tags/list?n=100>; rel=next")));
    let (run, tags) = mirrored(&source);
    run.code(0);
    assert_eq!(tags, ["1.0", "2.0"]);
    // What comes after `sha256-` is asked for once more, because such a list may lack its end.
    assert_eq!(count(&source, RequestKind::TagList), 3);
}

#[test]
fn a_page_with_nothing_new_on_it_does_not_end_the_list() {
    let not_tags = r#"["sha256:aaaa","_uploads/x",null]"#;
    for nothing_new in ["[]", "null", not_tags, r#"["1.0"]"#] {
        let source = source(Options::new());
        source.rule(first(page(r#"["1.0"]"#).header("link", "</v2/app/tags/list?page=2>; rel=next")));
        source
            .rule(later("page=2", page(nothing_new).header("link", "</v2/app/tags/list?page=3>; rel=next")));
        source.rule(later("page=3", page(r#"["1.1"]"#)));
        let (run, tags) = mirrored(&source);
        run.code(0);
        assert_eq!(tags, ["1.0", "1.1"], "after {nothing_new}");
    }
}

#[test]
fn a_list_that_goes_on_for_ever_without_anything_new_ends() {
    let source = source(Options::new());
    let link = |number: u64| format!("</v2/app/tags/list?page={number}>; rel=next");
    for number in 0..200 {
        let rule = later(&format!("page={number}$"), page("[]").header("link", &link(number + 1)));
        source.rule(rule);
    }
    source.rule(first(page(r#"["1.0"]"#).header("link", &link(0))));
    let (run, _) = mirrored(&source);
    assert_eq!(run.code(1).outcome(), "limit_exceeded");
    assert!(count(&source, RequestKind::TagList) < 50);
}

#[test]
fn a_page_that_is_missing_is_a_failure_and_not_the_end() {
    for status in [404, 400, 403] {
        let source = source(Options::new());
        source.rule(first(page(r#"["1.0"]"#).header("link", "</v2/app/tags/list?page=2>; rel=next")));
        source.rule(later("page=2", Canned::new(status).error("NAME_UNKNOWN", "gone")));
        let (run, tags) = mirrored(&source);
        let run = run.code(if status == 403 { 5 } else { 1 });
        assert!(run.error("http").contains(&status.to_string()), "{}", run.error("http"));
        assert_eq!(tags, [""; 0], "{status}: half a list is no list");
    }
}

#[test]
fn what_is_no_tag_is_left_out_and_told() {
    let source = source(Options::new());
    let long = "x".repeat(129);
    let hostile = serde_json::json!([
        "1.0",
        null,
        "sha256:abc",
        "a/b",
        "..",
        "",
        "a b",
        "\u{1b}[2J",
        "x\n::set-env name=a::b",
        "%2f",
        long,
        "\u{202e}gpj",
        "-dash",
        ".dot",
        "1.1"
    ]);
    source.rule(first(page(&hostile.to_string())));
    let (run, tags) = mirrored(&source);
    let run = run.code(0);
    assert_eq!(tags, ["1.0", "1.1"]);
    assert!(run.finished.stderr.contains("no tags"), "{}", run.finished.stderr);
    for text in [&run.finished.stderr, &run.finished.stdout] {
        assert!(
            !text.contains('\u{1b}') && !text.contains("set-env") && !text.contains('\u{202e}'),
            "{text:?}"
        );
    }
}

#[test]
fn a_repository_that_is_not_there_is_missing_and_one_without_tags_is_empty() {
    let source = Registry::start();
    let (run, _) = mirrored(&source);
    assert_eq!(run.code(1).outcome(), "not_found");
    source.rule(first(page("null")));
    let (run, tags) = mirrored(&source);
    run.code(0);
    assert_eq!(tags, [""; 0]);
}

#[test]
fn what_is_no_list_is_a_failure() {
    for body in ["<html>", "", "[]", r#"{"tags":"1.0"}"#, r#"{"tags":[1,2]}"#] {
        let source = source(Options::new());
        source.rule(first(Canned::new(200).body(body)));
        let (run, _) = mirrored(&source);
        assert_eq!(run.code(1).outcome(), "protocol", "{body}");
    }
}
