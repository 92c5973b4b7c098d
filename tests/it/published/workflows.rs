//! Our own workflows: what they trust, and with what.

use super::{below, document, place, read, texts};
use regex::Regex;
use std::collections::BTreeMap;

const WORKFLOWS: &str = ".github/workflows";

/// Each `uses:` of a text: the action, what it is pinned to, and the comment behind it.
pub fn uses(text: &str) -> Vec<(String, String, String)> {
    let line = Regex::new(r"(?m)^\s*(?:- )?uses: ([^\s@]+)(?:@(\S+))?(?: # (.*))?$").expect("a pattern");
    let part = |found: &regex::Captures<'_>, at| found.get(at).map_or("", |part| part.as_str()).to_owned();
    line.captures_iter(text).map(|found| (part(&found, 1), part(&found, 2), part(&found, 3))).collect()
}

/// Whether a pin is a commit, with the version that it is of.
pub fn is_commit(pin: &str, comment: &str) -> bool {
    pin.len() == 40
        && pin.bytes().all(|byte| byte.is_ascii_hexdigit())
        && comment.starts_with('v')
        && comment.contains('.')
}

#[test]
fn every_action_of_others_is_a_commit_and_the_same_one_everywhere() {
    let mut pins: BTreeMap<String, String> = BTreeMap::new();
    let pages = ["README.md", "CONTRIBUTING.md", "examples/init/github.yml"].map(str::to_owned);
    for path in below(WORKFLOWS).into_iter().chain(below("docs")).chain(pages) {
        for (name, pin, comment) in uses(&read(&path)) {
            if name.starts_with("./") || name.starts_with("crossdock-dev/crossdock") {
                continue;
            }
            assert!(is_commit(&pin, &comment), "{path}: {name}@{pin} # {comment}");
            let other = pins.insert(name.clone(), pin.clone()).unwrap_or_else(|| pin.clone());
            assert_eq!(other, pin, "{path}: {name}");
        }
    }
    assert!(pins.contains_key("actions/checkout") && pins.len() >= 4, "{pins:?}");
}

#[test]
fn no_workflow_may_write_but_where_it_says_so_for_one_of_its_parts() {
    for path in below(WORKFLOWS) {
        let permissions = document(&path)["permissions"].as_object().expect("permissions").clone();
        assert!(permissions.values().all(|value| value == "read"), "{path}: {permissions:?}");
        for (name, part) in document(&path)["jobs"].as_object().expect("a mapping") {
            assert!(part["timeout-minutes"].is_number(), "{path}: {name} may run for hours");
        }
    }
}

#[test]
fn no_checkout_leaves_a_token_behind() {
    for path in below(WORKFLOWS) {
        let text = read(&path);
        let checkouts = text.matches("actions/checkout@").count();
        assert_eq!(text.matches("persist-credentials: false").count(), checkouts, "{path}");
    }
}

#[test]
fn no_script_has_an_expression_in_it_and_every_script_of_ours_is_there() {
    let ours = Regex::new(r"(?:^|\s)(\.ci/[a-z-]+)").expect("a pattern");
    for path in below(WORKFLOWS) {
        for (key, text) in texts(&document(&path)).into_iter().filter(|(key, _)| key.ends_with("run.")) {
            assert!(!text.contains("${{"), "{path}: {key}: values come by the environment");
            for script in ours.captures_iter(&text) {
                assert!(place(&script[1]).is_file(), "{path}: {}", &script[1]);
            }
        }
    }
}

#[test]
fn pins_are_told_from_names_that_can_move() {
    let text = "      - uses: a/b@v4\n      - id: x\n        uses: c/d/e@0123456789012345678901234567890123456789 # v1.2\n        uses: ./x # why\n";
    let found = uses(text);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(!is_commit(&found[0].1, &found[0].2));
    assert!(is_commit(&found[1].1, &found[1].2));
    assert_eq!((found[2].0.as_str(), found[2].2.as_str()), ("./x", "why"));
}
