//! What a user sees of a bad spec: one snapshot for each file in `bad_specs`.

use crossdock::colour::Colour;
use crossdock::spec::{Code, Problems, load};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The environment of every bad spec.
fn env(name: &str) -> Option<String> {
    match name {
        "CANARY" => Some("Not/A+Word canary".to_owned()),
        "TOKEN" => Some("canary".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn bad_specs() -> Vec<(String, String)> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/bad_specs");
    let entries = std::fs::read_dir(directory).expect("the directory is there");
    let paths: BTreeSet<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    let read = |path: PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).expect("a text"))
    };
    paths.into_iter().map(read).collect()
}

fn problems(text: &str) -> Problems {
    load("crossdock.yaml", text, &env).expect_err("a bad spec is refused")
}

#[test]
fn every_bad_spec_tells_the_user_what_to_do() {
    for (name, text) in bad_specs() {
        insta::assert_snapshot!(name, problems(&text).render(Colour::Never));
    }
}

#[test]
fn nothing_from_the_environment_and_no_secret_is_ever_shown() {
    for (name, text) in bad_specs() {
        let problems = problems(&text);
        for shown in [problems.render(Colour::Always), format!("{problems:?}"), problems.to_string()] {
            for secret in ["canary", "hunter", "hun,ter", "eyJhbGci", "bob:secret"] {
                assert!(!shown.contains(secret), "{name} shows {secret}");
            }
            let control = |c: char| c.is_control() && c != '\n' && c != '\u{1b}';
            assert!(!shown.contains(control), "{name}");
        }
        assert!(!problems.render(Colour::Never).contains('\u{1b}'), "{name}");
    }
}

#[test]
fn nearly_every_code_has_a_bad_spec() {
    let seen: BTreeSet<Code> = bad_specs()
        .iter()
        .flat_map(|(_, text)| problems(text).iter().map(|p| p.code).collect::<Vec<_>>())
        .collect();
    let unseen: Vec<&str> =
        Code::ALL.iter().filter(|code| !seen.contains(code)).map(|code| code.as_str()).collect();
    // These need texts that are too large to read, or a filter.
    assert_eq!(unseen, ["too-large", "too-deep", "too-much-expansion", "bad-filter"]);
}

#[test]
fn problems_are_sorted_and_every_mistake_is_found_at_once() {
    let (_, text) =
        bad_specs().into_iter().find(|(name, _)| name == "five_mistakes").expect("the file is there");
    let problems = problems(&text);
    let lines: Vec<u32> = problems.iter().map(|problem| problem.place.line).collect();
    assert!(lines.is_sorted());
    assert!(problems.len() >= 5, "{problems}");
}
