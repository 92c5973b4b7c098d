//! Reads JSON so that every value knows its place, no key is unknown, and none is there twice.

use super::error::CaseError;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt::{self, Display};
use std::ops::Range;
use std::str::FromStr;

/// Longest foreign value that an error repeats, in characters.
const SHOWN_CHARS_MAX: usize = 80;

/// A value of the file, unread, with its place.
#[derive(Debug, Clone)]
pub(super) struct Node<'t> {
    raw: &'t str,
    pub(super) path: String,
}

/// What stands somewhere in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    List,
    Text,
    Truth,
    Null,
    Number,
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::Text => "a text",
            Self::Truth => "true or false",
            Self::Null => "null",
            Self::Number => "a number",
        })
    }
}

/// One member of an object.
#[derive(Debug, Clone)]
pub(super) struct Member<'t> {
    key_raw: &'t str,
    pub(super) key: String,
    pub(super) value: Node<'t>,
}

/// A file that is being read, and what is wrong with it so far.
pub(super) struct Reading<'t> {
    file: &'t str,
    text: &'t str,
    pub(super) errors: Vec<CaseError>,
}

/// The members of an object as they stand there: in order, and with those that are there twice.
struct Members<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'t> Visitor<'t> for Collect {
            type Value = Members<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Members<'t>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

impl<'t> Reading<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, errors: Vec::new() }
    }

    /// The whole file, if it is JSON.
    pub(super) fn root(&mut self) -> Option<Node<'t>> {
        match serde_json::from_str::<&RawValue>(self.text) {
            Ok(raw) => Some(Node { raw: raw.get(), path: String::new() }),
            Err(why) => {
                let text = why.to_string();
                let cause = text.rsplit_once(" at line ").map_or(text.as_str(), |(cause, _)| cause);
                self.errors.push(CaseError {
                    file: self.file.to_owned(),
                    line: why.line().max(1),
                    path: String::new(),
                    message: format!("it is not JSON: {cause}, in column {}", why.column()),
                    hint: None,
                });
                None
            }
        }
    }

    /// Says what is wrong with a value.
    pub(super) fn wrong(&mut self, node: &Node<'_>, message: impl Display, hint: Option<String>) {
        let start = self.range(node.raw).start;
        self.errors.push(CaseError {
            file: self.file.to_owned(),
            line: self.text[..start].matches('\n').count() + 1,
            path: node.path.clone(),
            message: message.to_string(),
            hint,
        });
    }

    /// Where a piece of the text stands in it.
    fn range(&self, piece: &str) -> Range<usize> {
        let start = (piece.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let start = start.min(self.text.len());
        start..(start + piece.len()).min(self.text.len())
    }

    /// From the key of a member to the end of its value.
    pub(super) fn span(&self, member: &Member<'_>) -> Range<usize> {
        self.range(member.key_raw).start..self.range(member.value.raw).end
    }

    /// The members of an object with any keys.
    pub(super) fn table<'n>(&mut self, node: &Node<'n>) -> Option<Vec<Member<'n>>> {
        let Ok(Members(raw)) = serde_json::from_str::<Members<'n>>(node.raw) else {
            self.wrong(node, format!("{} stands where an object belongs", node.kind()), None);
            return None;
        };
        let mut members: Vec<Member<'n>> = Vec::with_capacity(raw.len());
        let mut seen = std::collections::HashSet::new();
        for (key_raw, raw) in raw {
            let key: String = serde_json::from_str(key_raw.get()).unwrap_or_default();
            let value = Node { raw: raw.get(), path: below(&node.path, &key) };
            if !seen.insert(key.clone()) {
                self.wrong(&value, "it is there twice", Some("leave one out".to_owned()));
                continue;
            }
            members.push(Member { key_raw: key_raw.get(), key, value });
        }
        Some(members)
    }

    /// The members of an object that has no keys but `known`.
    pub(super) fn object<'n>(&mut self, node: &Node<'n>, known: &[&str]) -> Option<Vec<Member<'n>>> {
        let mut members = self.table(node)?;
        members.retain(|member| {
            let is_known = known.contains(&member.key.as_str());
            if !is_known {
                self.wrong(&member.value, "there is no such key", Some(suggestion(&member.key, known)));
            }
            is_known
        });
        Some(members)
    }

    /// The items of a list.
    pub(super) fn list<'n>(&mut self, node: &Node<'n>) -> Option<Vec<Node<'n>>> {
        match serde_json::from_str::<Vec<&'n RawValue>>(node.raw) {
            Ok(items) => {
                let item = |(at, raw): (usize, &'n RawValue)| Node {
                    raw: raw.get(),
                    path: format!("{}[{at}]", node.path),
                };
                Some(items.into_iter().enumerate().map(item).collect())
            }
            Err(_) => {
                self.wrong(node, format!("{} stands where a list belongs", node.kind()), None);
                None
            }
        }
    }

    /// A text.
    pub(super) fn text(&mut self, node: &Node<'_>) -> Option<String> {
        let text = node.plain();
        if text.is_none() {
            self.wrong(node, format!("{} stands where a text belongs", node.kind()), None);
        }
        text
    }

    /// A text that means something.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, node: &Node<'_>) -> Option<T> {
        let text = self.text(node)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong(node, format!("{:?}: {why}", shortened(&text)), None);
                None
            }
        }
    }
}

impl Node<'_> {
    /// Its value, whatever serde makes of it.
    pub(super) fn plain<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.raw).ok()
    }

    /// Whether it is an object with this key.
    pub(super) fn has(&self, key: &str) -> bool {
        let members = serde_json::from_str::<Members<'_>>(self.raw);
        let is_key =
            |raw: &RawValue| serde_json::from_str::<String>(raw.get()).is_ok_and(|found| found == key);
        members.is_ok_and(|Members(members)| members.iter().any(|(raw, _)| is_key(raw)))
    }

    /// What stands there.
    pub(super) fn kind(&self) -> Kind {
        match self.raw.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Truth,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }
}

/// The value of the member `key`.
pub(super) fn member<'m, 't>(members: &'m [Member<'t>], key: &str) -> Option<&'m Node<'t>> {
    members.iter().find(|member| member.key == key).map(|member| &member.value)
}

/// `request.source`, `expect["1.27"]`.
fn below(path: &str, key: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let plain = key.chars().all(word) && !key.starts_with(|c: char| c.is_ascii_digit()) && !key.is_empty();
    match (plain, path.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{path}.{key}"),
        (false, _) => format!("{path}[{:?}]", shortened(key)),
    }
}

/// What was probably meant, or what there is.
fn suggestion(key: &str, known: &[&str]) -> String {
    let lower = key.to_ascii_lowercase().replace('-', "_");
    let slips = |word: &&&str| strsim::osa_distance(&lower, word);
    let nearest = known.iter().min_by_key(slips);
    let near = nearest.filter(|word| slips(word) <= (lower.len().max(word.len()) / 3).max(1));
    match near {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("the keys are `{}`", known.join("`, `")),
    }
}

/// Cut to a length that fits a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
