//! Where each third-party package lives, and that each one is needed and told of.

use crate::assert_none;
use crate::source::{File, one, rust};
use std::collections::BTreeMap;

/// Each package that the program is built with, and the files or directories that may use it. One
/// home is the rule; packages that are words of Rust itself (serde, futures, …) have several.
const HOMES: &[(&str, &[&str])] = &[
    ("annotate-snippets", &["src/spec/render.rs"]),
    ("async-trait", &["src/components/made.rs", "src/pack/", "src/store/", "src/stores/"]),
    ("base64", &["src/import/dregsy.rs", "src/store/registry/"]),
    (
        "bytes",
        &[
            "src/bundle/",
            "src/form/",
            "src/components/made.rs",
            "src/oci/",
            "src/pack/",
            "src/store/",
            "src/stores/",
            "src/transfer/",
        ],
    ),
    ("clap", &["src/cli/", "src/main.rs"]),
    ("clap_complete", &["src/cli/"]),
    ("clap_mangen", &["src/cli/generate.rs"]),
    ("fastrand", &["src/cli/ci/", "src/cli/ending.rs", "src/store/registry/", "src/transfer/"]),
    (
        "futures",
        &[
            "src/components/",
            "src/doctor.rs",
            "src/estate.rs",
            "src/examine/",
            "src/facts/",
            "src/inventory.rs",
            "src/observe/",
            "src/referrers/",
            "src/resolve/",
            "src/store/",
            "src/transfer/",
            "src/walk/",
            "src/weigh.rs",
            "src/delivery/",
        ],
    ),
    // Patterns of tags; and `--only`, which is a glob of rule names and no pattern.
    ("globset", &["src/cli/given.rs", "src/select/pattern.rs", "src/select/repositories.rs"]),
    ("governor", &["src/store/registry/throttle/"]),
    ("http-auth", &["src/store/registry/auth/challenge.rs"]),
    ("httpdate", &["src/store/registry/pause.rs"]),
    ("humantime", &["src/ci/input/"]),
    ("indicatif", &["src/cli/progress/"]),
    ("mimalloc", &["src/main.rs"]),
    ("quick-junit", &["src/report/junit.rs"]),
    ("regex", &["src/select/"]),
    ("reqwest", &["src/store/registry/"]),
    ("ring", &["src/store/registry/credentials/ambient/"]),
    ("rustls", &["src/store/registry/clients/"]),
    ("rustls-platform-verifier", &["src/store/registry/clients/trust.rs"]),
    (
        "schemars",
        &[
            "src/bundle/inventory.rs",
            "src/cases/",
            "src/failure.rs",
            "src/form/",
            "src/plan/file/",
            "src/report/",
            "src/spec/",
            "src/delivery/",
        ],
    ),
    ("secrecy", &["src/access/", "src/import/", "src/spec/", "src/store/registry/"]),
    ("semver", &["src/select/"]),
    (
        "serde",
        &[
            "src/bundle/",
            "src/cases/",
            "src/cli/",
            "src/components/",
            "src/facts/document.rs",
            "src/failure.rs",
            "src/form/",
            "src/oci/",
            "src/pack/gather.rs",
            "src/plan/",
            "src/referrers/artifact.rs",
            "src/report/",
            "src/select/",
            "src/spec/",
            "src/store/",
            "src/delivery/",
        ],
    ),
    (
        "serde_json",
        &[
            "src/bundle/",
            "src/ci/",
            "src/cases/",
            "src/cli/",
            "src/components/",
            "src/facts/document.rs",
            "src/filter/",
            "src/form/",
            "src/oci/",
            "src/pack/gather.rs",
            "src/plan/",
            "src/referrers/artifact.rs",
            "src/report/",
            "src/spec/",
            "src/store/",
            "src/delivery/",
        ],
    ),
    ("rustix", &["src/pack/draft/room.rs", "src/store/registry/credentials/program.rs"]),
    ("serde_yaml", &["src/spec/compose/"]),
    ("sha2", &["src/oci/digest.rs"]),
    ("strsim", &["src/cases/", "src/spec/"]),
    (
        "time",
        &[
            "src/cases/",
            "src/cli/",
            "src/facts/document.rs",
            "src/main.rs",
            "src/observe/gates/judge.rs",
            "src/report/",
            "src/store/registry/credentials/ambient/",
        ],
    ),
    ("tar", &["src/store/archive/"]),
    (
        "tempfile",
        &[
            "src/cli/ci/place.rs",
            "src/cli/draft.rs",
            "src/cli/filter/new.rs",
            "src/filter/cache.rs",
            "src/store/layout/",
        ],
    ),
    (
        "tokio",
        &[
            "src/cli/",
            "src/components/",
            "src/examine/",
            "src/main.rs",
            "src/observe/",
            "src/pack/",
            "src/referrers/",
            "src/resolve/",
            "src/store/",
            "src/stores/",
            "src/transfer/",
            "src/walk/",
            "src/delivery/",
        ],
    ),
    ("tokio-util", &["src/transfer/stop.rs", "src/walk/"]),
    (
        "tracing",
        &[
            "src/cli/ci/",
            "src/cli/journal.rs",
            "src/estate.rs",
            "src/filter/cache.rs",
            "src/observe/",
            "src/pack/",
            "src/resolve.rs",
            "src/resolve/",
            "src/store/",
            "src/transfer/",
            "src/walk/",
            "src/weigh.rs",
        ],
    ),
    ("tracing-subscriber", &["src/cli/progress/", "src/main.rs"]),
    ("url", &["src/oci/reference.rs", "src/spec/", "src/store/mod.rs", "src/store/registry/", "src/stores/"]),
    ("wasmtime", &["src/filter/"]),
    ("wit-component", &["src/filter/componentize.rs"]),
    ("wit-parser", &["src/filter/componentize.rs"]),
];

/// The tables of packages that the program is built with, on all targets or on some.
const TABLES: [&str; 2] = ["[dependencies]", "[target.'cfg(target_env = \"musl\")'.dependencies]"];

/// The packages that the program is built with.
fn packages() -> Vec<String> {
    let manifest = one("Cargo.toml").text;
    let tables = manifest.lines().filter(|line| line.starts_with('[') && line.ends_with("dependencies]"));
    let others: Vec<&str> =
        tables.filter(|table| !TABLES.contains(table) && !table.ends_with("dev-dependencies]")).collect();
    assert!(others.is_empty(), "tests/tidy/homes.rs does not know {others:?}");
    TABLES.iter().flat_map(|table| keys(&manifest, table)).collect()
}

/// The keys of a table of `Cargo.toml`, such as `[dependencies]`.
fn keys(manifest: &str, table: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| *line != table).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split_once(" = ")).map(|(key, _)| key.trim().to_owned()).collect()
}

/// The lines on which `code` uses a package: `name::` where no path goes before it.
fn uses(code: &str, package: &str) -> Vec<usize> {
    let start = format!("{}::", package.replace('-', "_"));
    let begins = |at: usize| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':')
            || code[..at].ends_with(" ::")
    };
    let found = code.match_indices(&start).map(|(at, _)| at).filter(|at| begins(*at));
    found.map(|at| code[..at].matches('\n').count() + 1).collect()
}

/// Tests may use what they like, and so may what only tests and fuzzers call.
fn is_test(file: &File) -> bool {
    ["/tests/", "/fuzzed/", "/laws/", "/model/"].iter().any(|folder| file.path.contains(folder))
        || ["/tests.rs", "/laws.rs", "/fuzzed.rs", "/model.rs"].iter().any(|name| file.path.ends_with(name))
}

/// The code before the tests of a file.
fn program(file: &File) -> String {
    let code = file.code();
    let end = code.find("#[cfg(test)]\nmod ").unwrap_or(code.len());
    code[..end].to_owned()
}

fn violations(packages: &[String], files: &[File], homes: &[(&str, &[&str])]) -> Vec<String> {
    let homes: BTreeMap<&str, &[&str]> = homes.iter().copied().collect();
    let mut violations = Vec::new();
    let codes: Vec<(&File, String)> =
        files.iter().filter(|file| !is_test(file)).map(|file| (file, program(file))).collect();
    for package in packages {
        let Some(homes) = homes.get(package.as_str()) else {
            violations.push(format!("Cargo.toml: {package} has no home in tests/tidy/homes.rs"));
            continue;
        };
        let mut used = false;
        for (file, code) in &codes {
            for line in uses(code, package) {
                used = true;
                if !homes.iter().any(|home| file.path.starts_with(home)) {
                    let place = format!("{}:{line}", file.path);
                    violations.push(format!("{place}: {package} lives in {}", homes.join(", ")));
                }
            }
        }
        if !used {
            violations.push(format!("Cargo.toml: nothing uses {package}"));
        }
    }
    for home in homes.keys().filter(|home| !packages.iter().any(|package| package == *home)) {
        violations.push(format!("tests/tidy/homes.rs: {home} is not in Cargo.toml"));
    }
    violations
}

/// Packages that no list item of `page` is about: "- `name`: why".
fn untold(packages: &[String], page: &str) -> Vec<String> {
    let told = |package: &String| page.lines().any(|line| line.starts_with(&format!("- `{package}`")));
    packages.iter().filter(|package| !told(package)).cloned().collect()
}

#[test]
fn every_package_is_used_and_only_where_it_lives() {
    let packages = packages();
    assert!(packages.len() > 20, "{packages:?}");
    assert_none(&violations(&packages, &rust(&["src/"]), HOMES));
}

#[test]
fn contributing_says_why_each_package_is_there() {
    let mut packages = packages();
    packages.extend(keys(&one("Cargo.toml").text, "[dev-dependencies]"));
    assert_none(&untold(&packages, &one("CONTRIBUTING.md").text));
}

#[test]
fn a_package_out_of_its_home_is_told() {
    let told = |package: &str, path, text| {
        violations(&[package.to_owned()], &[File::made_up(path, text)], &[("sha2", &["src/oci/"])]).join("\n")
    };
    let away = told("sha2", "src/plan/mod.rs", "\nuse sha2::Sha256;");
    assert_eq!(away, "src/plan/mod.rs:2: sha2 lives in src/oci/");
    let inline = told("sha2", "src/plan/mod.rs", "fn f() { ::sha2::Sha256::new(); }");
    assert_eq!(inline, "src/plan/mod.rs:1: sha2 lives in src/oci/");
    assert_eq!(told("sha2", "src/oci/digest.rs", "use sha2::Sha256;"), "");
    let unused = told("sha2", "src/oci/digest.rs", "// use sha2::Sha256;\nuse crate::sha2::A;");
    assert_eq!(unused, "Cargo.toml: nothing uses sha2");
    let homeless = told("left-pad", "src/oci/digest.rs", "use left_pad::pad;");
    assert!(homeless.starts_with("Cargo.toml: left-pad has no home"), "{homeless}");
    assert!(homeless.ends_with("sha2 is not in Cargo.toml"), "{homeless}");
}

#[test]
fn a_package_that_nobody_explains_is_told() {
    let packages =
        keys("[dependencies]\na = \"1\"\nb-c = { version = \"2\" }\n\n[features]\nd = []", "[dependencies]");
    assert_eq!(packages, ["a", "b-c"]);
    assert_eq!(untold(&packages, "- `a`: the first letter\nand b-c"), ["b-c"]);
}
