//! `aliases: true`: other tags of an image that is taken.

use super::{count, line, made, rule, synced};
use crate::bed::images::Image;
use crate::bed::memory::{Options, Personality, Registry, RequestKind};
use crate::commands::pair::Pair;

fn image(seed: u64) -> Image {
    made("linux/amd64", seed, None)
}

/// 1.1 is also stable; 1.2 is also 1, latest, and what a build and a signature are called.
fn seed(source: &Registry) {
    let signature = format!("sha256-{}.sig", "ab".repeat(32));
    source.seed(&image(1), "app", &["1.1", "stable"]);
    source.seed(&image(2), "app", &["1", "1.2", "latest", "build-7", &signature]);
}

#[test]
fn every_other_tag_of_a_taken_image_is_taken_unless_it_is_excluded() {
    let pair = Pair::new();
    seed(&pair.source);
    pair.mirrors(&rule("tags: { include: '1.*', newest: 1, exclude: 'build-*' }\naliases: true"));
    assert_eq!(line(&synced(&pair, 0)), "1 created, 1.2 created, latest created");
    assert_eq!(count(&pair.source, RequestKind::TagList), 1);
    let heads = count(&pair.source, RequestKind::ManifestHead);
    assert_eq!(heads, 5, "each tag but what is excluded and the signature: {}", pair.source.requests());
    assert_eq!(line(&synced(&pair, 0)), "1 current, 1.2 current, latest current");
    assert_eq!(count(&pair.source, RequestKind::ManifestHead), 5, "none is asked for twice");
    assert_eq!(pair.target.requests().writes().len(), 0);
    let explained = pair.run(&["explain"]).stdout;
    let words: Vec<String> =
        explained.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in
        ["+ latest it names the same image as `1.2`", "- build-7 include: no pattern of `include` matches"]
    {
        assert!(words.iter().any(|words| words == line), "{explained}");
    }
}

#[test]
fn tags_that_are_spelled_out_bring_their_aliases_and_those_are_renamed_too() {
    let pair = Pair::new();
    seed(&pair.source);
    pair.mirrors(&rule("tags: ['1.1', '0.9']\naliases: true\nrename: [{ match: '^', to: 'v' }]"));
    let told = synced(&pair, 3);
    assert_eq!(line(&told), "0.9 failed not_found, 1.1 created, stable created");
    assert_eq!(pair.target.tags("mirror/app").into_keys().collect::<Vec<_>>(), ["v1.1", "vstable"]);
    pair.mirrors(&rule("tags: ['1.1']\naliases: false\nreferrers: none"));
    assert_eq!(line(&synced(&pair, 0)), "1.1 created");
    assert_eq!(count(&pair.source, RequestKind::TagList), 0);
}

#[test]
fn a_list_with_digests_spares_every_question() {
    let pair = Pair::with(Options::like(Personality::Gar), Options::new());
    seed(&pair.source);
    let registries = "SOURCE: { plain_http: true, profile: gar }\nTARGET: { plain_http: true }";
    pair.registries(registries, &rule("tags: ['1.2']\naliases: true"));
    assert_eq!(line(&synced(&pair, 0)), "1 created, 1.2 created, build-7 created, latest created");
    assert_eq!(count(&pair.source, RequestKind::ManifestHead), 0, "{}", pair.source.requests());
}

#[test]
fn where_nothing_is_taken_nothing_is_asked() {
    let pair = Pair::new();
    seed(&pair.source);
    pair.mirrors(&rule("tags: ['7.*']\naliases: true"));
    assert_eq!(line(&synced(&pair, 0)), "");
    assert_eq!(pair.source.requests().len(), 1, "the list: {}", pair.source.requests());
}

#[test]
fn a_repository_with_more_tags_than_can_be_asked_for_is_told_so_and_not_asked() {
    let pair = Pair::new();
    let tags: Vec<String> = (0..10_002).map(|number| format!("b{number}")).collect();
    pair.source.seed(&image(1), "app", &tags.iter().map(String::as_str).collect::<Vec<_>>());
    pair.mirrors(&rule("tags: [b7]\naliases: true"));
    pair.forget();
    let (finished, report) = pair.report(&["plan"]);
    finished.expect_code(1);
    assert_eq!(report["items"][0]["error"]["code"], "limit_exceeded");
    assert_eq!(pair.source.requests().len(), 1, "the list: {}", pair.source.requests());
    pair.mirrors(&rule("tags: { include: b7, exclude: ['b1*', 'b2*', 'b3*'] }\naliases: true"));
    let (finished, report) = pair.report(&["plan"]);
    finished.expect_code(0);
    assert_eq!(report["items"].as_array().map(Vec::len), Some(10_002 - 3 * 1111 - 2));
}

#[test]
fn a_pinned_tag_that_moved_brings_nothing_of_what_it_names_now() {
    let pair = Pair::new();
    seed(&pair.source);
    pair.mirrors(&rule(&format!("tags: ['1.2@{}']\naliases: true", image(1).digest())));
    assert_eq!(line(&synced(&pair, 6)), "1.2 refused source_moved");
    pair.mirrors(&rule(&format!("tags: ['1.1@{}']\naliases: true\ndeny: 'st*'", image(1).digest())));
    assert_eq!(line(&synced(&pair, 6)), "1.1 created, stable refused refused", "gates come last");
}
