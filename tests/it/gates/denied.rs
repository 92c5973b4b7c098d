//! `deny`: digests of manifests, and patterns of source tags.

use super::{attested, count, line, made, rule, synced, why};
use crate::bed::memory::RequestKind;
use crate::commands::pair::Pair;

#[test]
fn a_denied_image_is_refused_under_each_of_its_tags_also_where_it_is_already() {
    let pair = Pair::new();
    let (bad, good) = (made("linux/amd64", 1, None), made("linux/amd64", 2, None));
    pair.source.seed(&bad, "app", &["1.0", "1.1", "latest"]);
    pair.source.seed(&good, "app", &["2.0"]);
    pair.target.seed(&bad, "mirror/app", &["1.1"]);
    pair.target.seed(&good, "mirror/app", &["latest"]);
    pair.mirrors(&rule(&format!("deny: '{}'", bad.digest())));
    let told = synced(&pair, 6);
    assert_eq!(line(&told), "1.0 refused refused, 1.1 refused refused, 2.0 created, latest refused refused");
    assert_eq!(why(&pair), format!("`deny`: {} is denied", bad.digest()));
    assert_eq!(pair.target.tag("mirror/app", "latest"), Some(good.digest()), "it is not touched");
    assert_eq!(pair.target.tag("mirror/app", "1.0"), None);
}

#[test]
fn a_denied_child_stops_what_would_mirror_it() {
    let pair = Pair::new();
    let parts = [made("linux/amd64", 1, None), made("linux/arm64", 2, None)];
    pair.source.seed(&attested(&parts), "app", &["1.0"]);
    let deny = format!("tags: '1.0'\ndeny: ['{}']", parts[1].digest());
    for keys in ["", "platforms: linux/arm64", "platforms: linux/arm64\nindex: single", "format: docker"] {
        pair.mirrors(&rule(&format!("{deny}\n{keys}")));
        assert_eq!(line(&synced(&pair, 6)), "1.0 refused refused", "{keys}");
        assert_eq!(count(&pair.target, RequestKind::ManifestPut), 0, "{keys}");
    }
    pair.mirrors(&rule(&format!("{deny}\nplatforms: linux/amd64")));
    assert_eq!(line(&synced(&pair, 0)), "1.0 created", "it is left out");
}

#[test]
fn a_denied_tag_is_refused_while_an_excluded_one_is_left_out() {
    let pair = Pair::new();
    pair.source.seed(&made("linux/amd64", 1, None), "app", &["1.0", "1.0-rc1", "1.0-debug"]);
    pair.mirrors(&rule(
        "tags: { exclude: '*-debug' }\ndeny: ['*-rc*', '*-debug']\nrename: [{ match: '-rc1', to: '-candidate' }]",
    ));
    assert_eq!(line(&synced(&pair, 6)), "1.0 created, 1.0-rc1 refused refused");
    assert_eq!(
        pair.read_report()["items"][1]["error"]["message"],
        "`deny`: `*-rc*` matches the source tag `1.0-rc1`"
    );
    let explained = pair.run(&["explain"]).stdout;
    assert!(explained.contains("! 1.0-rc1    deny: `*-rc*` matches"), "{explained}");
    assert!(explained.contains("- 1.0-debug  exclude:"), "{explained}");
    let json = pair.run(&["explain", "1.0-rc1", "--format", "json"]).stdout;
    assert!(json.contains("\"deniedBy\": \"*-rc*\""), "{json}");
}

#[test]
fn a_denied_tag_stays_denied_where_others_collide() {
    let pair = Pair::new();
    pair.source.seed(&made("linux/amd64", 1, None), "app", &["1.0", "v1.0", "1.0-rc1"]);
    pair.mirrors(&rule("tags: ['*']\ndeny: '*-rc*'\nrename: [{ match: '^v', to: '' }]"));
    pair.forget();
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(6);
    let messages: Vec<&str> = report["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["error"]["message"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(
        messages.iter().filter(|message| message.contains("would write the same")).count(),
        2,
        "{messages:?}"
    );
    assert_eq!(messages.iter().filter(|message| message.starts_with("`deny`")).count(), 1, "{messages:?}");
    assert_eq!(pair.target.tags("mirror/app").len(), 0);
}

#[test]
fn an_immutable_tag_is_looked_at_once_more_where_digests_are_denied() {
    let pair = Pair::new();
    let (bad, good) = (made("linux/amd64", 1, None), made("linux/amd64", 2, None));
    pair.source.seed(&good, "app", &["1.0", "1.1"]);
    pair.target.seed(&bad, "mirror/app", &["1.0"]);
    pair.target.seed(&good, "mirror/app", &["1.1"]);
    pair.mirrors(&rule(&format!("tags: ['1.0', '1.1']\nimmutable: '*'\ndeny: ['{}']", bad.digest())));
    assert_eq!(line(&synced(&pair, 6)), "1.0 refused refused, 1.1 current");
    assert_eq!(pair.source.requests().len(), 0, "{}", pair.source.requests());
    assert_eq!(count(&pair.target, RequestKind::ManifestHead), 2, "{}", pair.target.requests());
    pair.mirrors(&rule("tags: ['1.0', '1.1']\nimmutable: '*'\ndeny: ['*-rc']"));
    assert_eq!(line(&synced(&pair, 0)), "1.0 current, 1.1 current");
    assert_eq!(count(&pair.target, RequestKind::ManifestHead), 0, "tags alone cost nothing");
}

#[test]
fn a_denied_image_at_the_target_is_replaced_by_another() {
    let pair = Pair::new();
    let (bad, good) = (made("linux/amd64", 1, None), made("linux/amd64", 2, None));
    pair.source.seed(&good, "app", &["1.0"]);
    pair.target.seed(&bad, "mirror/app", &["1.0"]);
    let deny = format!("tags: '1.0'\ndeny: ['{}']", bad.digest());
    pair.mirrors(&rule(&format!("{deny}\non_existing: keep")));
    assert_eq!(line(&synced(&pair, 6)), "1.0 refused refused", "what is kept is judged");
    pair.mirrors(&rule(&deny));
    assert_eq!(line(&synced(&pair, 0)), "1.0 updated");
}
