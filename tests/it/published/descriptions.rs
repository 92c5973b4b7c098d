//! The inputs and outputs of the two actions are those of the code, written by this test:
//! `INSTA_UPDATE=always cargo test --test it published`.

use super::{place, read};
use crossdock::ci::OUTPUTS;
use crossdock::ci::input::{INPUTS, Input, Kind};
use std::fmt::Write as _;
use std::fs;

/// The inputs that are for the bootstrap of the binary, and not for the program.
pub const OF_THE_BOOTSTRAP: [(&str, &str); 2] = [
    ("binary-path", "A program that is there already: nothing is downloaded"),
    (
        "download-url",
        "Where releases are, for networks that do not reach github.com; the pinned SHA-256 still holds",
    ),
];

/// The two actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Container,
    Binary,
}

impl Kept {
    fn path(self) -> &'static str {
        match self {
            Self::Container => "action.yml",
            Self::Binary => "binary/action.yml",
        }
    }
}

/// What may stand in an input, and what it is otherwise.
fn details(input: &Input) -> String {
    let mut parts = Vec::new();
    match input.kind {
        Kind::Choice(words) => parts.push(format!("One of: {}", words.join(", "))),
        Kind::Choices(words) => parts.push(format!("Some of, with commas or on lines: {}", words.join(", "))),
        _ => {}
    }
    parts.extend(input.default.map(|default| format!("Default: {default}")));
    parts.iter().fold(String::new(), |text, part| text + ". " + part)
}

/// The part of the file that this test writes. Defaults stay in the program: one in the action could not
/// be told from what a user wrote.
fn lists(kept: Kept) -> String {
    let mut text = "inputs:\n".to_owned();
    let mut put = |name: &str, description: &str| {
        // A JSON text is a YAML text.
        let description = serde_json::to_string(description).expect("a text");
        writeln!(text, "  {name}:\n    description: {description}").expect("memory");
        if name == "github-token" {
            text.push_str("    default: ${{ github.token }}\n");
        }
    };
    for input in &INPUTS {
        put(input.name, &format!("{}{}", input.meaning, details(input)));
    }
    if kept == Kept::Binary {
        for (name, description) in OF_THE_BOOTSTRAP {
            put(name, description);
        }
    }
    text.push_str("outputs:\n");
    for output in &OUTPUTS {
        let description = serde_json::to_string(output.meaning).expect("a text");
        writeln!(text, "  {}:\n    description: {description}", output.name).expect("memory");
        if kept == Kept::Binary {
            writeln!(text, "    value: ${{{{ steps.run.outputs.{} }}}}", output.name).expect("memory");
        }
    }
    text
}

#[test]
fn both_actions_have_the_inputs_and_outputs_of_the_code() {
    for kept in [Kept::Container, Kept::Binary] {
        let text = read(kept.path());
        let (before, rest) = text.split_once("\ninputs:\n").expect("the file has inputs");
        let (_, after) = rest.split_once("runs:\n").expect("the file says what runs");
        let expected = format!("{before}\n{}runs:\n{after}", lists(kept));
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(place(kept.path()), &expected).expect("the file can be written");
        }
        assert!(
            read(kept.path()) == expected,
            "{} is not what the code says: INSTA_UPDATE=always cargo test --test it published",
            kept.path()
        );
    }
}
