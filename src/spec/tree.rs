//! YAML that is no spec, as a tree that knows where its parts stand: for files of other tools. Read within
//! the limits of a spec. Holds secrets, so nothing of it can be printed.

use super::node::{Kind, Node, Style};
use super::source::Source;
use super::{Code, Place, Problem, Span, compose};
use std::rc::Rc;

/// One document.
pub struct Tree<'t> {
    source: Source<'t>,
    root: Option<Rc<Node>>,
}

/// One value of a document.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    node: Option<&'a Node>,
    source: &'a Source<'a>,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// Not there, empty, or `null`.
    Nothing,
    /// A single value.
    Text,
    /// A list.
    List,
    /// A mapping.
    Mapping,
}

/// A key of a mapping with its value.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The key.
    pub key: &'a str,
    /// Where the key stands.
    pub place: Place,
    /// The value.
    pub value: Part<'a>,
}

impl<'t> Tree<'t> {
    /// Reads a document. One without any content has nothing for a root.
    ///
    /// # Errors
    /// Everything that is wrong with it as YAML. No message repeats a value.
    pub fn read(text: &'t str) -> Result<Self, Vec<Problem>> {
        let source = Source::new(text);
        let mut problems = Vec::new();
        let root = compose::compose(&source, &mut problems);
        problems.retain(|problem| problem.code != Code::EmptyDocument);
        for problem in &mut problems {
            // Where a text that starts with `*` is a secret, the alias is it.
            if problem.code == Code::UnknownAnchor {
                problem.message = "an alias names an anchor that is not there".to_owned();
                problem.help = Some("quote a text that starts with `*`".to_owned());
            }
        }
        match problems.is_empty() {
            true => Ok(Self { source, root }),
            false => Err(problems),
        }
    }

    /// The whole of it.
    pub fn root(&self) -> Part<'_> {
        Part { node: self.root.as_deref(), source: &self.source }
    }
}

impl<'a> Part<'a> {
    /// What it is.
    pub fn kind(self) -> PartKind {
        match self.node.map(|node| &node.kind) {
            None | Some(Kind::Broken) => PartKind::Nothing,
            Some(Kind::Scalar(scalar)) if scalar.is_null() => PartKind::Nothing,
            Some(Kind::Scalar(_)) => PartKind::Text,
            Some(Kind::List(_)) => PartKind::List,
            Some(Kind::Mapping(_)) => PartKind::Mapping,
        }
    }

    /// What it is, for a message: "a list".
    pub fn what(self) -> &'static str {
        self.node.map_or("nothing", Node::what)
    }

    /// Where it stands.
    pub fn place(self) -> Place {
        self.source.place(self.node.map_or(Span::default(), |node| node.span))
    }

    /// The text of a single value, as it is written; what is `null` has none.
    pub fn text(self) -> Option<&'a str> {
        match self.node.map(|node| &node.kind) {
            Some(Kind::Scalar(scalar)) if !scalar.is_null() => Some(&scalar.text),
            _ => None,
        }
    }

    /// The switch that an unquoted `true` or `false` is.
    pub fn flag(self) -> Option<bool> {
        match self.node.map(|node| &node.kind) {
            Some(Kind::Scalar(scalar)) if scalar.style == Style::Plain => match scalar.text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a list has; nothing else has any.
    pub fn items(self) -> Vec<Part<'a>> {
        match self.node.map(|node| &node.kind) {
            Some(Kind::List(items)) => {
                items.iter().map(|node| Part { node: Some(node), source: self.source }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What a mapping has, in its order; nothing else has any.
    pub fn entries(self) -> Vec<Entry<'a>> {
        let Some(Kind::Mapping(pairs)) = self.node.map(|node| &node.kind) else { return Vec::new() };
        let entry = |pair: &'a super::node::Pair| Entry {
            key: &pair.key.text,
            place: self.source.place(pair.key.span),
            value: Part { node: Some(&pair.value), source: self.source },
        };
        pairs.iter().map(entry).collect()
    }

    /// The value of a key, or nothing.
    pub fn get(self, key: &str) -> Part<'a> {
        let found = self.entries().into_iter().find(|entry| entry.key == key);
        found.map_or(Part { node: None, source: self.source }, |entry| entry.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_know_what_they_are_and_where() {
        let tree = Tree::read("a: [1.10, ~]\nb: { c: true, d: \"true\" }\n").expect("YAML");
        let root = tree.root();
        let items = root.get("a").items();
        assert_eq!((items[0].text(), items[1].kind()), (Some("1.10"), PartKind::Nothing));
        assert_eq!((items[0].place().line, items[0].place().column), (1, 5));
        assert_eq!((root.get("b").get("c").flag(), root.get("b").get("d").flag()), (Some(true), None));
        assert_eq!(root.entries()[1].place.line, 2);
        assert_eq!((root.get("z").kind(), root.get("z").what()), (PartKind::Nothing, "nothing"));
        assert_eq!(Tree::read("# nothing\n").map(|tree| tree.root().kind()).ok(), Some(PartKind::Nothing));
    }

    #[test]
    fn no_message_repeats_a_value() {
        for text in ["password: *hunter2", "password: \"hunter2", "password: hunter2: x", "a: [hunter2"] {
            let problems = Tree::read(text).err().expect("it is wrong");
            let told = format!("{problems:?}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
