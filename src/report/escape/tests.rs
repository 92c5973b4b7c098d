//! Laws of the escaper: whatever goes in, what comes out commands nobody.

use super::*;
use proptest::prelude::*;

#[test]
fn text_that_could_do_something_is_shown_instead() {
    let shown = [
        "no such tag",
        "\u{1b}[31mred\u{7}",
        "one\r\n::set-env name=X::y",
        "::error::x",
        "  ::warning file=a::x",
        "a ##[group]b ##vso[task.setvariable]c #[d]",
        "###[x] ##a#[y]",
        "\u{202e}gnp.exe \u{2066}\u{feff}",
        "C:\\temp and 50 % of ::1",
        "naïve 日本語 🦀",
        "\u{a0}::error::x",
        "--- a ---",
        "+++++",
        "##teamcity[x] section_start:1:a section_end:x section:",
    ]
    .map(foreign);
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn long_text_is_cut_with_a_mark() {
    assert_eq!(foreign("x".repeat(CHARS_MAX)).chars().count(), CHARS_MAX);
    let cut = foreign("x".repeat(CHARS_MAX + 1));
    assert!(cut.ends_with("x…") && cut.chars().count() == CHARS_MAX + 1);
}

/// Text made of what is dangerous, in any mixture.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "::",
        ":",
        "##",
        "#",
        "[",
        "##[",
        "vso[",
        "teamcity[",
        " ",
        "\t",
        "\u{a0}",
        "\u{3000}",
        "\n",
        "\r",
        "\r\n",
        "\u{1b}[2J",
        "\u{1b}[31m",
        "\u{202e}",
        "x",
        "-",
        "---",
        "--",
        "+++ ",
        "~~~",
        "section_start",
        "section_end:1:a\r",
        "::error::x",
    ];
    let piece = prop_oneof![
        3 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Whether a runner takes something in a log for a command, as their sources read it: a second opinion,
/// written without the escaper.
pub(crate) fn commands(log: &str) -> Vec<String> {
    let sgr = regex::Regex::new("\u{1b}\\[[0-9;]*[A-Za-z]").expect("a pattern");
    let anywhere = regex::Regex::new(r"##[A-Za-z0-9]*\[|section_(start|end):").expect("a pattern");
    let group = regex::Regex::new(r"^\s*(---|\+\+\+|~~~)").expect("a pattern");
    let is_command = |line: &&str| {
        let bare = sgr.replace_all(line, "");
        bare.trim_start().starts_with("::") || group.is_match(&bare) || anywhere.is_match(line)
    };
    log.split(['\n', '\r']).filter(is_command).map(str::to_owned).collect()
}

#[test]
fn what_runners_take_for_commands_is_known() {
    let all = [
        "::error::x",
        "\u{a0} ::group::x",
        "a ##[group]b",
        "##vso[task.x]",
        "a ##teamcity[x]",
        "--- a",
        "+++ a",
        "~~~ a",
        "\u{1b}[0Ksection_start:1:a\r",
        "\u{1b}[31m--- a",
    ];
    for line in all {
        assert!(!commands(line).is_empty(), "{line:?}");
        assert_ne!(lines(line), line);
    }
    let harmless =
        "+ a → b\n  --> crossdock.yaml:1:2\n~ a\nA::b [x] # y\n-- \n - - -\n\u{1b}[32m+\u{1b}[0m a:b::c";
    assert_eq!(commands(harmless), [""; 0]);
    assert_eq!(lines(harmless), harmless);
}

proptest! {
    #[test]
    fn escaped_text_is_one_line_that_commands_nothing(text in hostile()) {
        let shown = foreign(&text);
        prop_assert!(!shown.chars().any(is_invisible), "{shown:?}");
        prop_assert_eq!(commands(&shown), [""; 0]);
    }

    #[test]
    fn a_log_commands_nothing(text in hostile()) {
        let shown = lines(&text);
        prop_assert_eq!(commands(&shown), [""; 0], "{:?}", shown);
        prop_assert_eq!(lines(&shown), shown);
    }

    #[test]
    fn a_log_of_escaped_pieces_commands_nothing(pieces in prop::collection::vec(hostile(), 0..4)) {
        let shown: String = pieces.iter().map(foreign).collect();
        prop_assert_eq!(commands(&lines(&shown)), [""; 0]);
    }

    #[test]
    fn escaped_json_says_the_same(text in hostile()) {
        let value = serde_json::json!({ &text: [&text, text.len()] });
        let shown = json(&value.to_string());
        prop_assert!(!shown.chars().any(is_invisible), "{shown:?}");
        prop_assert_eq!(commands(&shown), [""; 0]);
        prop_assert_eq!(&lines(&shown), &shown, "the second net lets JSON through");
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), value);
    }
}
