//! What skopeo itself says that it would copy, and what its files select here.

use super::world::World;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::Registry;
use crate::bed::skopeo::Skopeo;
use crossdock::import::{self, File, Options, Tool};
use crossdock::spec;
use std::collections::BTreeSet;

/// A file, flags for skopeo, and the same for us.
struct Call {
    file: &'static str,
    flags: &'static [&'static str],
    options: Options,
}

fn calls() -> Vec<Call> {
    let plain = "SOURCE:\n  tls-verify: false\n";
    assert!(FILES.iter().all(|file| file.starts_with(plain)));
    let options =
        |destination: &str| Options { destination: Some(destination.to_owned()), ..Options::default() };
    let mut calls = Vec::new();
    for file in FILES {
        calls.push(Call { file, flags: &[], options: options("registry.example.org/mirror") });
        calls.push(Call { file, flags: &["--all"], options: options("registry.example.org") });
    }
    calls
}

const FILES: [&str; 4] = [
    "SOURCE:\n  tls-verify: false\n  images:\n    team/app: [\"1.0\", v2]\n    tool: []\n",
    "SOURCE:\n  tls-verify: false\n  images-by-tag-regex:\n    team/app: ^[0-9]\n    tool: b\n",
    "SOURCE:\n  tls-verify: false\n  images:\n    team/app:\n  images-by-tag-regex:\n    tool: 'a|c$'\n",
    "SOURCE:\n  tls-verify: false\n  images: { tool: [abc] }\n  images-by-tag-regex: { team/app: '\\.' }\n",
];

#[test]
fn files_select_what_skopeo_says_that_it_would_copy() {
    let source = Registry::start();
    let image = one_platform(1, Format::Docker);
    source.seed(&image, "team/app", &["1.0", "1.0.1", "v2", "latest", "2.0-rc1"]);
    source.seed(&image, "tool", &["a", "abc", "bc", "c", "d"]);
    let folder = tempfile::tempdir().expect("a folder");
    for Call { file, flags, options } in calls() {
        let text = file.replace("SOURCE", &source.host());
        let path = folder.path().join("sync.yaml");
        std::fs::write(&path, &text).expect("a file");
        let destination = options.destination.clone().expect("it has one");
        let said = Skopeo::new().would_sync(&path, &destination, flags);
        // A port is no part of a path: skopeo fails, too.
        let scoped = Options { scoped: true, ..options.clone() };
        let files = [File { name: "sync.yaml".to_owned(), text: text.clone() }];
        assert!(import::import(Tool::Skopeo, &files, &scoped, &|_| None).is_err());
        assert!(Skopeo::new().would_sync(&path, &destination, &["--scoped"]).is_err());
        let said: BTreeSet<String> =
            said.expect("skopeo can").into_iter().map(|(from, to)| format!("{from} -> {to}")).collect();
        assert!(!said.is_empty());
        let files = [File { name: "sync.yaml".to_owned(), text }];
        let imported = import::import(Tool::Skopeo, &files, &options, &|_| None).expect("it is good");
        let spec = spec::load("crossdock.yaml", &imported.text, &|_| None).expect("it is good");
        assert_eq!(World::selected_there(&spec), said, "{file} {flags:?}\n{}", imported.text);
    }
}
