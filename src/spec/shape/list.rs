//! Lists, in which one value may stand without brackets, and mappings whose keys are free.

use super::{Reading, Shape};
use crate::spec::node::{Key, Kind, Node};
use crate::spec::{Code, Span};

/// One or more values.
pub(in crate::spec) struct Many<T> {
    pub items: Vec<T>,
}

/// Values by keys that the user chooses; it knows where each value stands.
pub(in crate::spec) struct Table<T> {
    pub entries: Vec<(Key, Span, T)>,
}

/// A list that must be written as one; it knows where each entry stands.
pub(in crate::spec) struct Listed<T> {
    pub items: Vec<(Span, T)>,
}

impl<T: Shape> Shape for Many<T> {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let items = match &node.kind {
            Kind::List(nodes) => read_all(nodes, node.span, reading)?,
            Kind::Scalar(_) | Kind::Mapping(_) | Kind::Broken => vec![T::read(node, reading)?],
        };
        Some(Self { items })
    }
}

impl<T: Shape> Shape for Listed<T> {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let Kind::List(nodes) = &node.kind else {
            let message = format!("a list belongs here, and this is {}", node.what());
            reading.problem(Code::WrongType, node.span, message, Some("start each entry with `- `"));
            return None;
        };
        if nodes.is_empty() {
            empty_list(node.span, reading);
            return None;
        }
        let items = nodes.iter().filter_map(|node| Some((node.span, T::read(node, reading)?)));
        Some(Self { items: items.collect() })
    }
}

fn empty_list(span: Span, reading: &mut Reading<'_>) {
    let help = "name at least one, or leave the key out";
    reading.problem(Code::EmptyList, span, "the list is empty", Some(help));
}

/// The entries that could be read; none at all when there was nothing to read.
fn read_all<T: Shape>(nodes: &[std::rc::Rc<Node>], span: Span, reading: &mut Reading<'_>) -> Option<Vec<T>> {
    if nodes.is_empty() {
        empty_list(span, reading);
        return None;
    }
    Some(nodes.iter().filter_map(|node| T::read(node, reading)).collect())
}

impl<T: Shape> Shape for Table<T> {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let Kind::Mapping(pairs) = &node.kind else {
            let message = format!("a mapping belongs here, and this is {}", node.what());
            reading.problem(Code::WrongType, node.span, message, Some("write `name: { … }` for each entry"));
            return None;
        };
        let mut entries = Vec::new();
        for pair in pairs {
            if pair.value.is_null() {
                let message = format!("`{}` has no value", pair.key.text);
                reading.problem(
                    Code::EmptyValue,
                    pair.key.span,
                    message,
                    Some("leave the entry out, or fill it"),
                );
            } else if let Some(value) = T::read(&pair.value, reading) {
                entries.push((pair.key.clone(), pair.value.span, value));
            }
        }
        Some(Self { entries })
    }
}

inline_schema!(Many<T>, |generator| {
    let one = T::json_schema(generator);
    schemars::json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
});
inline_schema!(Listed<T>, |generator| {
    schemars::json_schema!({ "type": "array", "items": T::json_schema(generator), "minItems": 1 })
});
inline_schema!(Table<T>, |generator| {
    schemars::json_schema!({ "type": "object", "additionalProperties": T::json_schema(generator) })
});
