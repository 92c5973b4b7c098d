//! What docs/filters.md and the README say of filters is true: commands, cases, limits and messages.

use crate::bed::program::Program;
use crossdock::cases::CaseFile;
use crossdock::filter::{COMPONENT_BYTES_MAX, FUEL_FOR_A_CALL, FUEL_FOR_AN_IMAGE, MEMORY_BYTES_MAX};
use crossdock::report::human::Grouped;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a page")
}

/// The blocks of a page in this language.
fn blocks<'page>(page: &'page str, language: &str) -> Vec<&'page str> {
    let start = format!("```{language}\n");
    page.split(&*start).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn commands_of_the_pages_exist_with_their_flags() {
    let program = Program::new();
    let pages = [read("docs/filters.md"), read("README.md")].join("\n");
    let lines = blocks(&pages, "sh").into_iter().flat_map(str::lines);
    let mut checked = 0;
    for line in lines.filter_map(|line| line.strip_prefix("crossdock filter ")) {
        let command = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = command.split_whitespace().collect();
        let help = program.run(&["filter", words[0], "--help"]).expect_code(0).stdout;
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(flag), "`crossdock filter {line}`: there is no {flag}");
        }
        checked += 1;
    }
    assert!(checked > 8, "the pages show {checked} commands");
}

#[test]
fn cases_and_specs_of_the_page_are_good() {
    let page = read("docs/filters.md");
    let cases = blocks(&page, "json case");
    assert!(!cases.is_empty());
    for text in cases {
        assert!(CaseFile::parse("docs/filters.md", text).is_ok(), "{text}");
    }
    let specs = blocks(&page, "yaml complete");
    assert!(!specs.is_empty());
    for text in specs {
        let spec = crossdock::spec::load("docs/filters.md", text, &|_| None).expect("a good spec");
        assert!(spec.warnings.is_empty(), "{:?}", spec.warnings);
    }
}

#[test]
fn the_limits_of_the_page_are_the_limits() {
    let page = read("docs/filters.md");
    let wanted = [
        format!("| component | {} MiB |", COMPONENT_BYTES_MAX >> 20),
        format!("{} for a call, and {} for each image", Grouped(FUEL_FOR_A_CALL), Grouped(FUEL_FOR_AN_IMAGE)),
        format!("| memory | {} MiB |", MEMORY_BYTES_MAX >> 20),
    ];
    for line in wanted {
        assert!(page.contains(&line), "the page does not say `{line}`");
    }
}

#[test]
fn the_messages_of_the_page_are_what_the_program_says() {
    let page = read("docs/filters.md");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/filter");
    let sources = fs::read_dir(folder).expect("a folder").filter_map(|entry| Some(entry.ok()?.path()));
    let program: String = sources.filter_map(|path| fs::read_to_string(path).ok()).collect();
    let table = page.split("| it says | it means |").nth(1).expect("the table of messages");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut checked = 0;
    for row in rows {
        let said = row.split('|').nth(1).expect("a cell");
        for message in said.split('`').skip(1).step_by(2) {
            for part in message.split('…').map(|part| part.trim_matches(' ')) {
                assert!(program.contains(part), "nothing says `{part}` of `{message}`");
            }
            checked += 1;
        }
    }
    assert!(checked > 8, "the page has {checked} messages");
}
