//! What holds for every file that somebody could have.

use super::*;
use crate::laws::{count, hold};
use crate::oci::Tag;
use crate::select::Decision;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A file of each tool, with a bit of all that it may have.
const SAMPLES: [(Tool, &str); 8] = [
    (
        Tool::ImageSyncer,
        r#"{"auth": {"quay.io/a": {"username": "$U", "password": "hunter2", "insecure": true}},
"images": {"quay.io/a/b:1,2": ["x.io/a/b:3,4", "x.io/a/c"], "a:/x+/": "", "a@sha256:00": "x.io/a/d:1"}} // c"#,
    ),
    (
        Tool::ImageSyncer,
        "quay.io/a/b:1,2: x.io/${NS}/b\nnginx: ''\ngcr.io/a/b:1:\n- x.io/c/d\n- x.io/e/f:1\n",
    ),
    (Tool::ImageTransfer, "ccr.io/a/b:1: ''\nharbor/a/b: x.io/a/b\nnginx:1,2: x.io/a/nginx:1,2\n"),
    (Tool::ImageMigrator, "{\"quay.io\": {\"username\": \"u\", \"password\": \"${P}\"}}"),
    (
        Tool::Skopeo,
        "quay.io:\n  tls-verify: false\n  credentials: { username: u, password: hunter2 }\n  images: { a/b: [1, 2] }\n  \
         images-by-tag-regex: { a: ^1 }\n  images-by-semver: { a: '>=1.0.0-0 || 2 - 3' }\n",
    ),
    (
        Tool::Regsync,
        "version: 1\ncreds: [{ registry: quay.io, user: u, pass: '{{file \"p\"}}', reqPerSec: 0.5 }]\nsync:\n- source: \
         quay.io/a\n  target: '{{env \"T\"}}x.io/a'\n  type: repository\n  tagSets: [{ allow: [a], deny: ['1|2'] }, { \
         semverRange: ['>1', '~2-rc'] }]\n- { source: a, target: 'x.io/b:2', type: image, platforms: [linux/amd64] }\n",
    ),
    (
        Tool::Dregsy,
        "tasks:\n- source: { registry: quay.io, auth: eyJ1c2VybmFtZSI6ICJhIiwgInBhc3N3b3JkIjogImh1bnRlcjIifQ== }\n  \
         target: { registry: x.io, skip-tls-verify: true }\n  mappings:\n  - { from: a/b, to: c, tags: ['semver: \
         >=1.0.0', 'regex: !x', 'keep: y', 'keep: latest 2', z] }\n",
    ),
    (
        Tool::Ocync,
        "registries:\n  a: { url: '${H:-quay.io}', auth_type: basic, credentials: { username: u, password: hunter2 } \
         }\n  b: { url: x.io }\ntarget_groups: { g: [b] }\ndefaults: { source: a, targets: g, tags: { semver: '>=1', \
         sort: semver, latest: 2, include: [l, '*-rc*'], exclude: e } }\nmappings: [{ from: c/d, to: e, platforms: \
         [linux/arm64] }]\n",
    ),
];

/// What is put into a file, or over a part of it.
const PIECES: [&str; 44] = [
    "",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    ",",
    "- ",
    "\n",
    "\t",
    "\r\n",
    "#",
    "//",
    "/*",
    "*a",
    "&a ",
    "<<: ",
    "!x ",
    "$",
    "${",
    "$${A}",
    "{{",
    "}}",
    "@sha256:",
    ":/",
    "/",
    "\\",
    "\u{0}",
    "\u{85}",
    "\u{202e}",
    "ä",
    "null",
    "true",
    "0",
    "99999999999",
    "regex:",
    "semver: ",
    "keep: latest ",
    "||",
    "hunter2",
    "- - ",
];

fn options() -> Options {
    Options {
        registry: Some("r.io".to_owned()),
        namespace: Some("n".to_owned()),
        destination: Some("d.io/x".to_owned()),
        append_suffix: Some("-s".to_owned()),
        ..Options::default()
    }
}

fn env(name: &str) -> Option<String> {
    matches!(name, "U" | "P" | "NS" | "T").then(|| "value".to_owned())
}

#[test]
fn no_file_makes_an_import_panic_and_what_is_written_loads_and_has_no_secret() {
    let change = (any::<prop::sample::Index>(), 0..6_usize, prop::sample::select(&PIECES[..]));
    let changes = prop::collection::vec(change, 0..6);
    hold((0..SAMPLES.len(), changes), |(sample, changes)| {
        let (tool, text) = SAMPLES[sample];
        let mut characters: Vec<char> = text.chars().collect();
        for (at, length, piece) in changes {
            let at = at.index(characters.len() + 1);
            let end = (at + length).min(characters.len());
            characters.splice(at..end, piece.chars());
        }
        let text: String = characters.into_iter().collect();
        let file = File { name: "a file\n.json".to_owned(), text: text.clone() };
        match import(tool, &[file], &options(), &env) {
            Ok(imported) => {
                let lines = imported.text.lines().count();
                prop_assert_eq!(lines, imported.origins.len(), "every line has an origin or none");
                let set = |name: &str| imported.value(name).or_else(|| env(name)).or(Some("set".to_owned()));
                let loaded = spec::load("crossdock.yaml", &imported.text, &set);
                prop_assert!(loaded.is_ok(), "{}\n{:?}", imported.text, loaded.err());
                let sites = imported.notes.iter().filter_map(|note| note.site.as_ref());
                for site in sites {
                    prop_assert!(site.line as usize <= text.lines().count().max(1), "{site}");
                }
            }
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
        Ok(())
    });
}

#[test]
fn every_sample_is_good_and_its_secret_is_in_no_text() {
    for (tool, text) in SAMPLES {
        let users = (tool == Tool::ImageMigrator)
            .then(|| File { name: "images".to_owned(), text: "{\"quay.io/a/b:1\": \"\"}".to_owned() });
        let files = [Some(File { name: "file".to_owned(), text: text.to_owned() }), users];
        let files: Vec<File> = files.into_iter().flatten().collect();
        let imported = import(tool, &files, &options(), &env);
        let imported = imported.unwrap_or_else(|faults| panic!("{}: {faults:?}", tool.as_str()));
        assert!(!imported.text.contains("hunter2"), "{}", imported.text);
        assert!(!format!("{imported:?}").contains("hunter2"));
    }
    count("imports", SAMPLES.len());
}

const TAGS: [&str; 6] = ["1", "1.1", "1.1.1", "2-rc", "latest", "v1"];

/// Which tags of a repository go where, and under which names.
type Line = (usize, BTreeMap<usize, usize>, usize);

#[test]
fn what_is_selected_is_what_each_line_of_a_file_says() {
    let line = (0..4_usize, prop::collection::btree_map(0..TAGS.len(), 0..TAGS.len(), 0..4), 0..4_usize);
    hold(prop::collection::vec(line, 1..6), |lines: Vec<Line>| {
        let mut expected = BTreeSet::new();
        let mut text = String::from("{\n");
        let mut seen = BTreeSet::new();
        for (number, (source, tags, target)) in lines.into_iter().enumerate() {
            // Each line has a target of its own, so that no two collide.
            let target = format!("t.io/n{number}/r{target}");
            let renames: BTreeSet<usize> = tags.values().copied().collect();
            let (old, new): (Vec<&str>, Vec<&str>) =
                tags.iter().map(|(old, new)| (TAGS[*old], TAGS[*new])).unzip();
            let source = format!("s.io/n/r{source}");
            let key = if old.is_empty() { source.clone() } else { format!("{source}:{}", old.join(",")) };
            if !seen.insert(key.clone()) {
                continue;
            }
            let renamed = !old.is_empty() && renames.len() == old.len();
            let value = if renamed { format!("{target}:{}", new.join(",")) } else { target.clone() };
            text.push_str(&format!("\t\"{key}\": \"{value}\", // line {number}\n"));
            let all: Vec<(&str, &str)> = match (old.is_empty(), renamed) {
                (true, _) => TAGS.iter().map(|tag| (*tag, *tag)).collect(),
                (false, true) => old.iter().copied().zip(new).collect(),
                (false, false) => old.iter().map(|tag| (*tag, *tag)).collect(),
            };
            expected.extend(all.iter().map(|(old, new)| format!("{source}:{old} -> {target}:{new}")));
        }
        text.push('}');
        let file = File { name: "images.json".to_owned(), text: text.clone() };
        let imported = import(Tool::ImageSyncer, &[file], &Options::default(), &|_| None);
        let imported = imported.map_err(|faults| TestCaseError::fail(format!("{text}\n{faults:?}")))?;
        let loaded = spec::load("crossdock.yaml", &imported.text, &|_| None).expect("it loads");
        let tags: Vec<Tag> = TAGS.iter().map(|tag| tag.parse().expect("a tag")).collect();
        let mut selected = BTreeSet::new();
        for rule in &loaded.mirrors {
            for verdict in rule.selection.choose(&tags) {
                if let Decision::Taken { target, .. } = verdict.decision {
                    let to = &rule.targets[0];
                    selected.insert(format!("{}:{} -> {to}:{target}", rule.source, verdict.tag));
                }
            }
        }
        prop_assert_eq!(selected, expected, "{}\n{}", text, imported.text);
        Ok(())
    });
}
