//! What others have written and we build with: versions without the known flaws, and without the parts
//! that we do not need.

use super::tally;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The versions of a package in the lock file.
fn versions(lock: &str, package: &str) -> Vec<[u64; 3]> {
    let name = format!("name = \"{package}\"");
    let entries = lock.split("[[package]]").filter(|entry| entry.lines().any(|line| line == name));
    let version = |entry: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix("version = \""))?;
        let mut numbers =
            line.trim_end_matches('"').split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
        Some([numbers.next()?, numbers.next()?, numbers.next()?])
    };
    entries.filter_map(version).collect()
}

/// Each version of a package is at least this one.
fn assert_at_least(package: &str, least: [u64; 3]) {
    let found = versions(&read("Cargo.lock"), package);
    assert!(!found.is_empty(), "{package} is not built any more: take it out of this test");
    assert!(found.iter().all(|version| *version >= least), "{package} {found:?}, of at least {least:?}");
}

#[test]
fn s35_the_host_of_filters_is_small_and_every_package_is_looked_at() {
    // RUSTSEC-2025-0046 and what came before it.
    assert_at_least("wasmtime", [36, 0, 2]);
    let manifest = read("Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("wasmtime = ")).expect("wasmtime is used");
    assert!(line.contains("default-features = false") && line.contains("\"cranelift\""), "{line}");
    for part in ["winch", "pooling-allocator", "threads", "wasi", "gc", "async"] {
        assert!(!line.contains(&format!("\"{part}\"")), "{part}: {line}");
    }
    assert!(read("src/lib.rs").lines().count() > 10 && manifest.contains("unsafe_code = \"deny\""));
    let run = read(".ci/run");
    assert!(run.contains("check --hide-inclusion-graph bans licenses sources"), "CI asks cargo-deny");
    assert!(read("deny.toml").contains("unknown-registry = \"deny\""));
    let advised = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows"));
    let mut workflows = advised.expect("there are workflows").flatten();
    let advises = |text: &str| text.contains("advisories");
    assert!(workflows.any(|file| advises(&std::fs::read_to_string(file.path()).unwrap_or_default())));
    tally::count("attacks", 1);
}

#[test]
fn s48_floods_of_frames_meet_versions_that_count_them() {
    // CONTINUATION floods (RUSTSEC-2024-0332), endless resets (RUSTSEC-2024-0003), empty frames.
    assert_at_least("h2", [0, 4, 11]);
    assert_at_least("hyper", [1, 6, 0]);
    // Escapes in logs (RUSTSEC-2025-0055); other tests show that they do not come through.
    assert_at_least("tracing-subscriber", [0, 3, 20]);
    // Names with a NUL in certificates, and others.
    assert_at_least("rustls", [0, 23, 18]);
    assert_at_least("ring", [0, 17, 12]);
    tally::count("attacks", 1);
}

#[test]
fn an_old_version_would_be_seen() {
    let lock = "[[package]]\nname = \"h2\"\nversion = \"0.3.9\"\n\n[[package]]\nname = \"h2x\"\nversion = \"9.0.0\"\n";
    assert_eq!(versions(lock, "h2"), [[0, 3, 9]]);
}
