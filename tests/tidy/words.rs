//! Words that no file and no type is called by: each says less than the noun that it stands for.

use crate::assert_none;
use crate::source::{File, rust};

const WORDS: &[&str] = &[
    "action", "context", "ctx", "dst", "engine", "handler", "helper", "hook", "job", "manager", "misc",
    "src", "status", "step", "task", "upstream", "util", "utility",
];

/// Names of others, that we keep.
const THEIRS: &[(&str, &str)] = &[
    // Docker calls its programs for credentials "credential helpers".
    ("src/store/registry/credentials/", "helper"),
    // The distribution specification: `pull` and `push` are the actions of a scope.
    ("src/store/registry/auth/scopes.rs", "action"),
];

/// `RetryHandler` and `retry_handlers` have the words "retry" and "handler".
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for next in name.chars() {
        if next.is_uppercase() || !next.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| next.is_alphanumeric()) {
            word.extend(next.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words.into_iter().map(|word| singular(&word)).collect()
}

fn singular(word: &str) -> String {
    match word {
        "status" => word.to_owned(),
        "utilities" => "utility".to_owned(),
        _ => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

/// The types and modules that `code` declares, with their lines.
fn declared(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut parts = line.split_whitespace().skip_while(|part| part.starts_with("pub")).peekable();
        if parts
            .next()
            .is_some_and(|part| ["struct", "enum", "trait", "type", "mod", "union"].contains(&part))
            && let Some(name) = parts.next()
        {
            let end = name.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(name.len());
            found.push((index + 1, &name[..end]));
        }
    }
    found
}

fn violations(files: &[File]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files {
        let is_theirs =
            |word: &str| THEIRS.iter().any(|(path, theirs)| file.path.starts_with(path) && *theirs == word);
        let code = file.code();
        // What all of them are below is no name of ours.
        let path = file.path.replacen("src/", "", 1);
        let names = declared(&code).into_iter().chain([(1, path.as_str())]);
        for (line, name) in names {
            for word in words(name).iter().filter(|word| WORDS.contains(&word.as_str()) && !is_theirs(word)) {
                violations.push(format!("{}:{line}: `{name}`: {word} is not a word of ours", file.path));
            }
        }
    }
    violations
}

#[test]
fn files_and_types_are_called_by_nouns_that_say_something() {
    assert_none(&violations(&rust(&["src/", "tests/", "examples/", "benches/", "filters/"])));
}

#[test]
fn a_name_that_says_nothing_is_told() {
    let told = |path, text| violations(&[File::made_up(path, text)]).join("\n");
    let kind = told("src/plan/value.rs", "\npub(super) struct RetryManager<T> {}");
    assert_eq!(kind, "src/plan/value.rs:2: `RetryManager`: manager is not a word of ours");
    let file = told("src/plan/date_utils.rs", "");
    assert_eq!(file, "src/plan/date_utils.rs:1: `plan/date_utils.rs`: util is not a word of ours");
    assert_eq!(told("src/store/registry/credentials/helper.rs", "enum HelperError {}"), "");
    assert_eq!(
        told("src/plan/value.rs", "struct Utility;\n"),
        "src/plan/value.rs:1: `Utility`: utility is not a word of ours"
    );
    assert_eq!(told("src/plan/value.rs", "struct Contextual;\n// struct Job;\nfn task() {}"), "");
}
