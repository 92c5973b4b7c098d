//! Lists of tags come whole or in pages, in the ways that registries have.

use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Options, Paging, Registry, TagOrder};
use crate::bed::wire::{Ask, Reply};
use serde_json::json;

fn registry(options: Options) -> Registry {
    let registry = options.start();
    registry.seed(&one_platform(1, Format::Oci), "app", &["b", "d", "a", "c", "e"]);
    registry
}

fn list(registry: &Registry, query: &str) -> Reply {
    Ask::new("GET", &format!("/v2/app/tags/list{query}")).send(&registry.host()).expect("an answer")
}

#[test]
fn the_default_ignores_paging() {
    let reply = list(&registry(Options::new()), "?n=2&last=b");
    assert_eq!(reply.json(), json!({ "name": "app", "tags": ["a", "b", "c", "d", "e"] }));
    assert_eq!(reply.header("link"), None);
}

#[test]
fn pages_are_linked_until_the_last_one() {
    let relative = registry(Options::new().paging(Paging::Relative(2)));
    let absolute = registry(Options::new().paging(Paging::Absolute(2)));
    for (registry, origin) in [(&relative, String::new()), (&absolute, absolute.url())] {
        let first = list(registry, "");
        assert_eq!(first.json()["tags"], json!(["a", "b"]));
        let link = format!("<{origin}/v2/app/tags/list?last=b&n=2>; rel=\"next\"");
        assert_eq!(first.header("link"), Some(link.as_str()));
        let last = list(registry, "?n=7&last=d");
        assert_eq!(last.json()["tags"], json!(["e"]));
        assert_eq!(last.header("link"), None);
    }
}

#[test]
fn a_page_may_come_without_a_link() {
    let registry = registry(Options::new().paging(Paging::Unlinked(1000)));
    let reply = list(&registry, "?n=2");
    assert_eq!(reply.json()["tags"], json!(["a", "b"]));
    assert_eq!(reply.header("link"), None);
}

#[test]
fn the_order_may_be_any_and_the_list_may_be_null() {
    let newest = registry(Options::new().tag_order(TagOrder::NewestFirst));
    assert_eq!(list(&newest, "").json()["tags"], json!(["e", "c", "a", "d", "b"]));
    let null = registry(Options::new().tag_order(TagOrder::Null));
    assert_eq!(list(&null, "").json(), json!({ "name": "app", "tags": null }));
}
