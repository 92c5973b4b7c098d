//! Tags with the digest that they must name.

use super::{attested, count, line, made, rule, synced, why};
use crate::bed::images::Image;
use crate::bed::memory::RequestKind;
use crate::commands::pair::Pair;

fn image(seed: u64) -> Image {
    made("linux/amd64", seed, None)
}

#[test]
fn a_pinned_tag_is_mirrored_until_it_moves_and_then_nothing_of_it() {
    let pair = Pair::new();
    let (then, now) = (image(1), image(2));
    pair.source.seed(&then, "app", &["1.2", "1.3"]);
    pair.mirrors(&rule(&format!("tags: ['1.2@{}', '1.3']\nreferrers: none", then.digest())));
    assert_eq!(line(&synced(&pair, 0)), "1.2 created, 1.3 created");
    assert_eq!(count(&pair.source, RequestKind::TagList), 0);
    assert_eq!(line(&synced(&pair, 0)), "1.2 current, 1.3 current");
    assert_eq!(pair.source.requests().len(), 2, "a pin costs nothing: {}", pair.source.requests());
    pair.source.seed(&now, "app", &["1.2"]);
    assert_eq!(line(&synced(&pair, 6)), "1.2 refused source_moved, 1.3 current");
    let both = format!("`tags`: `1.2` is pinned to {}, and names {} now", then.digest(), now.digest());
    assert_eq!(why(&pair), both);
    assert_eq!(pair.target.tag("mirror/app", "1.2"), Some(then.digest()));
    assert_eq!(pair.target.requests().writes().len(), 0, "{}", pair.target.requests());
    // The same at a target that has nothing yet, and in a plan that is saved.
    pair.target.remove_tag("mirror/app", "1.2");
    pair.run(&["plan", "-o", "plan.json"]).expect_code(6);
    let (finished, report) = pair.report(&["apply", "plan.json"]);
    finished.expect_code(6);
    assert_eq!(line(&super::outcomes(&report)), "1.2 refused source_moved, 1.3 current");
    assert_eq!(pair.target.tag("mirror/app", "1.2"), None);
}

#[test]
fn a_pinned_tag_that_is_gone_is_refused_with_and_without_a_list() {
    let pair = Pair::new();
    let (then, other) = (image(1), image(2));
    pair.source.seed(&then, "app", &["1.2"]);
    pair.source.seed(&other, "app", &["2.0", "3.0"]);
    pair.source.remove_tag("app", "1.2");
    let pin = format!("1.2@{}", then.digest());
    for (tags, told) in [
        (format!("['{pin}', '2.0']"), "1.2 refused source_moved, 2.0 created"),
        (format!("['{pin}', '3.*']"), "1.2 refused source_moved, 3.0 created"),
        (
            format!("{{ include: '3.*', newest: 1, always: '{pin}' }}"),
            "1.2 refused source_moved, 3.0 current",
        ),
    ] {
        pair.mirrors(&rule(&format!("tags: {tags}")));
        assert_eq!(line(&synced(&pair, 6)), told);
        assert_eq!(
            why(&pair),
            format!("`tags`: `1.2` is pinned to {}, and is not at the source any more", then.digest())
        );
    }
}

#[test]
fn a_pin_is_about_the_source_whatever_becomes_of_the_tag() {
    let pair = Pair::new();
    let index = attested(&[made("linux/amd64", 1, None), made("linux/arm64", 2, None)]);
    pair.source.seed(&index, "app", &["v1.2", "v1.3"]);
    let keys = |digest: &str| {
        format!(
            "- source: SOURCE/app\n  target: [TARGET/a, TARGET/b]\n  tags: {{ include: ['v1.3', 'v1.*'], \
             always: 'v1.2@{digest}' }}\n  rename: [{{ match: '^v', to: '' }}]\n  platforms: linux/amd64\n"
        )
    };
    pair.mirrors(&keys(&index.digest()));
    assert_eq!(line(&synced(&pair, 0)), "v1.2 created, v1.3 created");
    for repository in ["a", "b"] {
        assert_eq!(pair.target.tags(repository).into_keys().collect::<Vec<_>>(), ["1.2", "1.3"]);
    }
    pair.mirrors(&keys(&image(9).digest()));
    assert_eq!(line(&synced(&pair, 6)), "v1.2 refused source_moved, v1.3 current");
    let refused = pair.read_report()["counts"]["refused"].clone();
    assert_eq!(refused, 2, "at each of its targets");
}
