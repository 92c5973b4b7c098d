//! Numbers and switches. Strict: `yes` is no switch, and a quoted number is a text.

use super::{Reading, Shape, Text};
use crate::spec::Code;
use crate::spec::node::{Kind, Node, Style};
use crate::spec::substitute::Origin;
use std::num::NonZeroU32;

/// A whole number from `LEAST`, which is 1 or more, to `MOST`.
pub(in crate::spec) struct Count<const LEAST: u32 = 1, const MOST: u32 = { u32::MAX }> {
    pub value: NonZeroU32,
}

/// `true` or `false`.
pub(in crate::spec) struct Flag {
    pub value: bool,
}

/// The `version` of a spec: a whole number, of any size.
pub(in crate::spec) struct VersionNumber {
    pub value: u64,
}

/// What a switch or a number written as `${NAME}` looks like to the schema.
pub(super) const SUBSTITUTION: &str = r"\$\{";

/// A scalar that may be something other than a text: plain, or put together from the environment.
fn typed_text(node: &Node, wanted: &str, reading: &mut Reading<'_>) -> Option<Text> {
    let text = Text::read(node, reading)?;
    let quoted = matches!(&node.kind, Kind::Scalar(scalar) if scalar.style == Style::Text);
    if quoted && text.origin == Origin::Literal {
        let message = format!("{wanted} belongs here, and this is a quoted text");
        reading.problem(Code::WrongType, node.span, message, Some("remove the quotes"));
        return None;
    }
    Some(text)
}

impl Shape for Flag {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let text = typed_text(node, "`true` or `false`", reading)?;
        match text.value.as_str() {
            "true" | "True" | "TRUE" => Some(Self { value: true }),
            "false" | "False" | "FALSE" => Some(Self { value: false }),
            _ => {
                let message = format!("{} is neither `true` nor `false`", text.shown());
                reading.problem(Code::WrongType, node.span, message, Some("write `true` or `false`"));
                None
            }
        }
    }
}

impl<const LEAST: u32, const MOST: u32> Shape for Count<LEAST, MOST> {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let text = typed_text(node, "a number", reading)?;
        let digits = text.value.strip_prefix('-').unwrap_or(&text.value);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            let message = format!("{} is not a whole number", text.shown());
            reading.problem(Code::WrongType, node.span, message, Some("write a number such as `3`"));
            return None;
        }
        let value = text.value.parse().ok().filter(|n: &NonZeroU32| (LEAST..=MOST).contains(&n.get()));
        if value.is_none() {
            let too_small = text.value.starts_with('-') || text.value.parse::<u32>().is_ok_and(|n| n < LEAST);
            let message = match too_small {
                true => format!("{} is too small: the least is {LEAST}", text.shown()),
                false => format!("{} is too large: the most is {MOST}", text.shown()),
            };
            let help = match MOST {
                u32::MAX => "leave the key out for no limit",
                _ => "leave the key out for the default",
            };
            reading.problem(Code::BadCount, node.span, message, Some(help));
        }
        value.map(|value| Self { value })
    }
}

impl Shape for VersionNumber {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let text = typed_text(node, "a number", reading)?;
        match text.value.parse() {
            Ok(value) => Some(Self { value }),
            Err(_) => {
                let message = format!("{} is not a version of the spec format", text.shown());
                reading.problem(Code::UnsupportedVersion, node.span, message, Some("write `version: 1`"));
                None
            }
        }
    }
}

inline_schema!(Flag, |_generator| schemars::json_schema!({
    "anyOf": [{ "type": "boolean" }, { "type": "string", "pattern": SUBSTITUTION }]
}));
inline_schema!(Count<const LEAST, const MOST>, |_generator| schemars::json_schema!({
    "anyOf": [
        { "type": "integer", "minimum": LEAST, "maximum": MOST },
        { "type": "string", "pattern": SUBSTITUTION },
    ]
}));
inline_schema!(VersionNumber, |_generator| schemars::json_schema!({
    "anyOf": [{ "const": crate::spec::VERSION }, { "type": "string", "pattern": SUBSTITUTION }]
}));
