//! That the pages name what exists, and that no file names the machine that it was written on.

use crate::assert_none;
use crate::source::{File, all, one, rust};
use std::path::Path;

/// Where people keep their files. In pieces, so that this file does not name them either.
const HOMES: &[&str] = &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

/// Hosts from which packages come: what comes from where is decided by whoever builds.
const INDEX_HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("registry.npmjs", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("deb.debian", ".org"),
];

/// How many promises there are.
const PROMISES: usize = 15;

/// Links of a page to files, without what they say of a place in them.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    files.filter_map(|target| target.split('#').next()).filter(|target| !target.is_empty()).collect()
}

fn dead_links(page: &File, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let directory = Path::new(&page.path).parent().unwrap_or(Path::new(""));
    let dead = links(&page.text).into_iter().filter(|link| !exists(&directory.join(link)));
    dead.map(|link| format!("{}: nothing is at {link}", page.path)).collect()
}

fn names_a_machine(file: &File, checkout: &str) -> Vec<String> {
    let mut violations = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let place = format!("{}:{}", file.path, index + 1);
        if HOMES.iter().chain([&checkout]).any(|path| line.contains(path)) {
            violations.push(format!("{place}: a path of one machine"));
        }
        // Lock files say `registry+…` for the index that cargo knows without being told.
        if !file.path.ends_with("Cargo.lock") && INDEX_HOSTS.iter().any(|host| line.contains(host)) {
            violations.push(format!("{place}: the host of a package index"));
        }
    }
    violations
}

/// Targets of `make` that a page names and the Makefile does not have.
fn unknown_targets(page: &File, makefile: &str) -> Vec<String> {
    let named = page.text.split("`make ").skip(1).filter_map(|rest| rest.split(['`', ' ']).next());
    let known = |target: &str| makefile.lines().any(|line| line.starts_with(&format!("{target}:")));
    let unknown = named.filter(|target| !known(target));
    unknown.map(|target| format!("{}: there is no `make {target}`", page.path)).collect()
}

/// Tests that a page names, as `several_words_like_this`, and that no file has.
fn unknown_tests(page: &File, files: &[File]) -> Vec<String> {
    let quoted = page.text.split('`').skip(1).step_by(2);
    let is_test = |name: &&str| {
        name.matches('_').count() >= 3
            && name.chars().all(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '_')
    };
    let known = |name: &&str| files.iter().any(|file| file.text.contains(&format!("fn {name}(")));
    let unknown = quoted.filter(is_test).filter(|name| !known(name));
    unknown.map(|name| format!("{}: there is no test {name}", page.path)).collect()
}

#[test]
fn the_architecture_names_tests_that_exist() {
    assert_none(&unknown_tests(&one("ARCHITECTURE.md"), &rust(&["src/", "tests/"])));
}

/// Promises of a page that no test keeps: paragraphs `**P1. …**` without the name of a test, and numbers
/// that are left out.
fn unkept_promises(page: &File, last: usize, files: &[File]) -> Vec<String> {
    let mut unkept = unknown_tests(page, files);
    for number in 1..=last {
        let start = format!("\n**P{number}. ");
        let paragraph = page.text.split_once(&start).and_then(|(_, rest)| rest.split("\n\n").next());
        let kept = |text: &str| {
            let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
            quoted.iter().any(|name| name.matches('_').count() >= 3)
        };
        match paragraph {
            None => unkept.push(format!("{}: there is no P{number}", page.path)),
            Some(text) if !kept(text) => unkept.push(format!("{}: no test keeps P{number}", page.path)),
            Some(_) => {}
        }
    }
    unkept
}

#[test]
fn every_promise_is_kept_by_tests_that_exist() {
    let files = rust(&["src/", "tests/"]);
    assert_none(&unkept_promises(&one("docs/reliability.md"), PROMISES, &files));
}

#[test]
fn a_promise_that_no_test_keeps_is_told() {
    let text = "\n**P1. A.** b `it_is_as_it_says`.\n\n**P2. C.** d `e`.\n";
    let files = [File::made_up("src/a.rs", "fn it_is_as_it_says() {}")];
    let told = unkept_promises(&File::made_up("docs/a.md", text), 3, &files);
    assert_eq!(told, ["docs/a.md: no test keeps P2", "docs/a.md: there is no P3"]);
}

/// Each attack has a row, and each row but that of what does not apply a test of its own.
#[test]
fn the_threat_model_has_a_test_that_exists_for_each_attack() {
    let page = one("docs/threat-model.md");
    let files = rust(&["src/", "tests/"]);
    assert_none(&unknown_tests(&page, &files));
    for number in 1..=48 {
        let row = page.text.lines().find(|line| line.starts_with(&format!("| S{number:02} |")));
        let row = row.unwrap_or_else(|| panic!("S{number:02} has no row"));
        assert!(row.contains(&format!("`s{number:02}_")) || row.contains("not applicable"), "{row}");
    }
    let named = |name: &str| page.text.contains(&format!("`{name}`"));
    for file in files.iter().filter(|file| file.path.starts_with("tests/it/attacks/")) {
        let tests = file.text.split("\nfn s").skip(1).filter_map(|rest| rest.split('(').next());
        let tests = tests.filter(|name| name.starts_with(|next: char| next.is_ascii_digit()));
        for name in tests.map(|name| format!("s{name}")) {
            assert!(named(&name), "docs/threat-model.md does not name {name} of {}", file.path);
        }
    }
}

#[test]
fn pages_link_to_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages: Vec<File> = all().into_iter().filter(|file| file.path.ends_with(".md")).collect();
    assert!(pages.iter().any(|page| page.path == "README.md"));
    let dead = pages.iter().flat_map(|page| dead_links(page, |path| root.join(path).exists()));
    assert_none(&dead.collect::<Vec<_>>());
}

#[test]
fn pages_name_targets_of_make_that_exist() {
    let makefile = one("Makefile").text;
    let pages = all().into_iter().filter(|file| file.path.ends_with(".md"));
    assert_none(&pages.flat_map(|page| unknown_targets(&page, &makefile)).collect::<Vec<_>>());
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let files = all();
    let named = files.iter().flat_map(|file| names_a_machine(file, env!("CARGO_MANIFEST_DIR")));
    assert_none(&named.collect::<Vec<_>>());
}

#[test]
fn a_page_that_names_what_is_not_there_is_told() {
    let text = "[a](b.md) [c](https://d.example/e.md) [f](#g)\n![h](../i.png#j) [k](l.md)";
    let page = File::made_up("docs/page.md", text);
    let dead = dead_links(&page, |path| path == Path::new("docs/b.md"));
    assert_eq!(dead, ["docs/page.md: nothing is at ../i.png", "docs/page.md: nothing is at l.md"]);
    let page = File::made_up("README.md", "kept by `a_test_that_is` and `a_test_that_was`, `size_bytes`");
    let tests = [File::made_up("src/a.rs", "fn a_test_that_is() {}")];
    assert_eq!(unknown_tests(&page, &tests), ["README.md: there is no test a_test_that_was"]);
    let page = File::made_up("README.md", "Run `make demo`, then `make coffee`.");
    assert_eq!(unknown_targets(&page, "demo: ## Shows\n"), ["README.md: there is no `make coffee`"]);
}

#[test]
fn a_file_that_names_a_machine_is_told() {
    let told = |text: String| names_a_machine(&File::made_up("docs/a.md", &text), "/srv/checkout").join("\n");
    assert_eq!(told(format!("\nsee {}me/notes", HOMES[0])), "docs/a.md:2: a path of one machine");
    assert_eq!(told("cd /srv/checkout".to_owned()), "docs/a.md:1: a path of one machine");
    assert_eq!(told(format!("https://{}/x", INDEX_HOSTS[0])), "docs/a.md:1: the host of a package index");
    assert_eq!(told("nothing of the kind".to_owned()), "");
}
