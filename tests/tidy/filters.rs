//! That what the filters have copies of is the same everywhere.

use crate::source::one;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What a later version of the contract adds, as the guests in `testdata/versions` know it.
const LATER: &str = "
  /// Made up, for tests: what a later version may add.
  @since(version = 0.1.1)
  progress: func(done: u32, total: u32);
";

/// The packages of a lock file: name and version.
fn packages(lock: &str) -> BTreeSet<(String, String)> {
    let value = |line: Option<&str>, key: &str| Some(line?.strip_prefix(key)?.trim_matches('"').to_owned());
    let blocks = lock.split("[[package]]\n").skip(1).filter(|block| block.contains("source = "));
    let read = |block: &str| {
        let mut lines = block.lines();
        Some((value(lines.next(), "name = ")?, value(lines.next(), "version = ")?))
    };
    blocks.filter_map(read).collect()
}

#[test]
fn there_is_one_contract_and_one_set_of_bindings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("filters");
    for (link, target) in [("sdk/wit", "../wit"), ("require-platforms/bindings", "../template-c/bindings")] {
        let found = fs::read_link(root.join(link)).unwrap_or_else(|why| panic!("filters/{link}: {why}"));
        assert_eq!(found, Path::new(target), "filters/{link}");
    }
}

#[test]
fn the_later_contract_is_ours_and_one_function() {
    let ours = one("filters/wit/filter.wit").text.replace("@0.1.0;", "@0.1.1;");
    let last = "  emit: func(level: level, message: string);\n";
    assert!(ours.contains(last));
    let later = one("filters/testdata/versions/wit/filter.wit").text;
    assert_eq!(later, ours.replace(last, &format!("{last}{LATER}")));
}

#[test]
fn new_filters_are_built_with_the_packages_that_are_tested_here() {
    let here = packages(&one("filters/Cargo.lock").text);
    let template = packages(&one("filters/template-rust/Cargo.lock").text);
    assert!(here.len() > 20, "{here:?}");
    assert_eq!(template.difference(&here).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
}

#[test]
fn templates_that_do_the_same_have_the_same_cases() {
    let cases = |template: &str| one(&format!("filters/template-{template}/tests/releases.json")).text;
    assert_eq!(cases("js"), cases("rust"));
    assert_eq!(cases("python"), cases("rust"));
}
