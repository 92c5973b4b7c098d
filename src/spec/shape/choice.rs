//! One of a few words. Anything else is told the nearest of them.

use super::{Reading, Shape, Text};
use crate::spec::node::Node;
use crate::spec::substitute::Origin;
use crate::spec::{Code, suggest};

/// An enum without fields, by its words. Implemented by the macro `choice!`.
pub(in crate::spec) trait Choice: Copy + 'static {
    const CHOICES: &'static [(&'static str, Self)];
    /// What people may write instead, with the word that they mean.
    const OTHER_WORDS: &'static [(&'static str, &'static str)] = &[];

    fn words() -> Vec<&'static str> {
        Self::CHOICES.iter().map(|(word, _)| *word).collect()
    }
}

/// A word that was chosen.
pub(in crate::spec) struct Chosen<T> {
    pub value: T,
}

impl<T: Choice> Shape for Chosen<T> {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let text = Text::read(node, reading)?;
        let found = T::CHOICES.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let words = T::words();
            let other = T::OTHER_WORDS.iter().find(|(other, _)| text.value.eq_ignore_ascii_case(other));
            let near = other.map(|(_, word)| *word).or_else(|| suggest::nearest_name(&text.value, &words));
            let near = near.filter(|_| text.origin == Origin::Literal);
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it is one of `{}`", words.join("`, `")),
            };
            let message = format!("{} is not one of `{}`", text.shown(), words.join("`, `"));
            reading.problem(Code::UnknownValue, node.span, message, Some(help));
        }
        found.map(|(_, value)| Self { value: *value })
    }
}

impl<T: Choice> schemars::JsonSchema for Chosen<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        std::any::type_name::<Self>().into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "enum": T::words() }, { "type": "string", "pattern": super::number::SUBSTITUTION }]
        })
    }
}
