//! The README's specs are specs: each loads without a problem. What the page tells of runs is shown by
//! other tests.

use std::fs;
use std::path::Path;

/// The YAML blocks of `page` that are specs.
fn specs(page: &str) -> Vec<&str> {
    let blocks = page.split("\n```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    blocks.filter(|block| block.starts_with("version: 1\n")).collect()
}

#[test]
fn every_spec_of_the_readme_loads_without_problems() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let page = fs::read_to_string(page).expect("the README");
    let specs = specs(&page);
    assert!(!specs.is_empty(), "the README has a spec");
    for text in specs {
        let spec = crossdock::spec::load("README.md", text, &|_| None);
        let spec = spec.unwrap_or_else(|problems| panic!("{text}\n{problems:?}"));
        assert!(spec.warnings.is_empty(), "{text}\n{:?}", spec.warnings);
    }
}

#[test]
fn only_blocks_that_say_their_version_are_specs() {
    let page =
        "a\n```yaml\nversion: 1\nmirrors: []\n```\n```yaml\nname: mirror\n```\n```text\nversion: 1\n```\n";
    assert_eq!(specs(page), ["version: 1\nmirrors: []"]);
}
