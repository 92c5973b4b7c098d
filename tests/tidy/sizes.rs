//! How long files and functions may be, and that each file says what it is for.

use crate::assert_none;
use crate::source::{File, rust};

/// Longest file, in lines.
const FILE_LINES_MAX: usize = 400;
/// Longest function, in lines, from its name to its last brace.
const FUNCTION_LINES_MAX: usize = 70;

/// The functions of `code`: the line and the name of each, and how many lines it has.
fn functions(code: &str) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|before| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &code[at + 3..];
        let name: String = rest.chars().take_while(|next| next.is_alphanumeric() || *next == '_').collect();
        if let Some(body) = body(rest) {
            let line = code[..at].matches('\n').count() + 1;
            found.push((line, name, rest[..body].matches('\n').count() + 1));
        }
    }
    found
}

/// Where the body of a function ends, if it has one. A `;` within brackets ends no declaration.
fn body(rest: &str) -> Option<usize> {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for (at, next) in rest.char_indices() {
        match next {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.checked_sub(1)?,
            '{' => braces += 1,
            '}' if braces == 1 => return Some(at),
            '}' => braces = braces.checked_sub(1)?,
            ';' if braces == 0 && brackets == 0 => return None,
            _ => {}
        }
    }
    None
}

fn violations(files: &[File]) -> Vec<String> {
    let mut violations = Vec::new();
    for File { path, text } in files {
        let first = text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") {
            violations.push(format!("{path}:1: the first line says with `//!` what the file is for"));
        }
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            violations.push(format!("{path}: {lines} lines, of at most {FILE_LINES_MAX}"));
        }
        for (line, name, lines) in functions(&File::made_up(path, text).code()) {
            if lines > FUNCTION_LINES_MAX {
                violations.push(format!(
                    "{path}:{line}: `{name}` has {lines} lines, of at most {FUNCTION_LINES_MAX}"
                ));
            }
        }
    }
    violations
}

#[test]
fn files_and_functions_are_short_and_files_say_what_they_are_for() {
    let files = rust(&["src/", "tests/", "examples/", "benches/", "filters/"]);
    assert!(files.len() > 100, "{}", files.len());
    assert_none(&violations(&files));
}

#[test]
fn what_is_too_long_or_says_nothing_is_told() {
    let told = |text: &str| violations(&[File::made_up("src/a.rs", text)]).join("\n");
    let lines = |count| "\n".repeat(count);
    assert_eq!(told("//! What it is for.\nfn short(a: [u8; 2]) { {} }\n"), "");
    assert_eq!(told("use std::fs;"), "src/a.rs:1: the first line says with `//!` what the file is for");
    let long_file = format!("//! Long.{}", lines(401));
    assert_eq!(told(&long_file), "src/a.rs: 401 lines, of at most 400");
    let long_function = format!("//! Long.\nfn long(a: [u8; 2]) {{ if a {{{}}} }}", lines(70));
    assert_eq!(told(&long_function), "src/a.rs:2: `long` has 71 lines, of at most 70");
    let declared = format!("//! Long.\ntrait A {{\nfn b();\n{}}}", lines(80));
    assert_eq!(told(&declared), "");
}
