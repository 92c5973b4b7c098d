//! Patterns of tags: a literal, a glob or a `/regular expression/`. Never lists or compares tags.

use crate::oci::{NameError, Tag};
use globset::GlobBuilder;
use regex::bytes::{Regex, RegexBuilder};
use std::fmt;
use std::str::FromStr;

/// One pattern of tags.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    kind: Kind<Tag>,
}

/// What a pattern means: one name, or those that an expression matches.
#[derive(Clone)]
pub(super) enum Kind<L> {
    Literal(L),
    Expression(Regex),
}

/// What globs of one kind of names are made of.
pub(super) struct Globs {
    /// Whether names may have a character.
    pub(super) in_names: fn(char) -> bool,
    /// Whether `*` ends at a `/`.
    pub(super) literal_separator: bool,
}

/// Globs of tags, which have no `/`.
const OF_TAGS: Globs =
    Globs { in_names: |c| c.is_ascii_alphanumeric() || "._-".contains(c), literal_separator: false };

/// Patterns, of which one is enough to match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PatternSet(Vec<Pattern>);

/// Why a text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternError {
    /// Nothing there.
    Empty,
    /// Longer than [`PATTERN_BYTES_MAX`].
    TooLong,
    /// It has no wildcard, and it is not a tag either.
    Literal(NameError),
    /// A glob with a character that no tag has, so it could never match.
    Foreign(char),
    /// It starts with `/` and does not end with one.
    Unclosed,
    /// The glob is malformed, in the words of its parser.
    Glob(String),
    /// The regular expression is malformed, in the words of its parser.
    Expression(String),
    /// It compiles to more than [`COMPILED_BYTES_MAX`].
    TooCostly,
}

/// Longest pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 4 * 1024;
/// Largest compiled pattern, in bytes: `a{1000}{1000}` is refused.
const COMPILED_BYTES_MAX: usize = 1024 * 1024;

impl Pattern {
    /// Reads a pattern: between slashes a regular expression that may match anywhere in the tag; with
    /// one of `*?[]{}\` a glob that must match the whole tag; else the tag itself.
    ///
    /// # Errors
    /// See [`PatternError`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Ok(Self { text: text.to_owned(), kind: Kind::read(text, &OF_TAGS)? })
    }

    /// The tag, when the pattern is one.
    pub fn literal(&self) -> Option<&Tag> {
        match &self.kind {
            Kind::Literal(tag) => Some(tag),
            Kind::Expression(_) => None,
        }
    }

    /// Whether it matches `tag`.
    pub fn is_match(&self, tag: &Tag) -> bool {
        match &self.kind {
            Kind::Literal(literal) => literal == tag,
            Kind::Expression(expression) => expression.is_match(tag.as_str().as_bytes()),
        }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<L: FromStr<Err = NameError>> Kind<L> {
    /// Between slashes a regular expression; with a wildcard a glob; else the name itself.
    pub(super) fn read(text: &str, globs: &Globs) -> Result<Self, PatternError> {
        Ok(match text.strip_prefix('/') {
            _ if text.len() > PATTERN_BYTES_MAX => return Err(PatternError::TooLong),
            Some(rest) => Self::Expression(compile(rest.strip_suffix('/').ok_or(PatternError::Unclosed)?)?),
            None if text.contains(is_wildcard) => Self::Expression(globs.compile(text)?),
            None if text.is_empty() => return Err(PatternError::Empty),
            None => Self::Literal(text.parse().map_err(PatternError::Literal)?),
        })
    }
}

fn is_wildcard(c: char) -> bool {
    "*?[]{}\\".contains(c)
}

impl Globs {
    fn compile(&self, text: &str) -> Result<Regex, PatternError> {
        let in_globs = |c: char| is_wildcard(c) || "!^,".contains(c);
        if let Some(foreign) = text.chars().find(|c| !(self.in_names)(*c) && !in_globs(*c)) {
            return Err(PatternError::Foreign(foreign));
        }
        let mut glob = GlobBuilder::new(text);
        let glob = glob.backslash_escape(true).literal_separator(self.literal_separator).build();
        let glob = glob.map_err(|error| PatternError::Glob(error.kind().to_string()))?;
        // Not through the matcher of the library, which panics where the expression is too large.
        compile(glob.regex())
    }
}

/// Compiles a regular expression within the limits.
pub(super) fn compile(text: &str) -> Result<Regex, PatternError> {
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    RegexBuilder::new(text).size_limit(COMPILED_BYTES_MAX).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternError::TooCostly,
        other => {
            let words = other.to_string();
            let last = words.rsplit_once("error: ").map_or(words.as_str(), |(_, last)| last);
            PatternError::Expression(last.trim().to_owned())
        }
    })
}

impl PatternSet {
    /// Whether any pattern matches.
    pub fn is_match(&self, tag: &Tag) -> bool {
        self.matching(tag).is_some()
    }

    /// The first pattern that matches.
    pub fn matching(&self, tag: &Tag) -> Option<&Pattern> {
        self.0.iter().find(|pattern| pattern.is_match(tag))
    }

    /// Whether one of them is the tag itself.
    pub fn spells_out(&self, tag: &Tag) -> bool {
        self.0.iter().any(|pattern| pattern.literal() == Some(tag))
    }

    /// Whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The patterns, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = &Pattern> {
        self.0.iter()
    }
}

impl FromIterator<Pattern> for PatternSet {
    fn from_iter<I: IntoIterator<Item = Pattern>>(patterns: I) -> Self {
        Self(patterns.into_iter().collect())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong => write!(f, "it is longer than {PATTERN_BYTES_MAX} bytes"),
            Self::Literal(why) => why.fmt(f),
            Self::Foreign(c) => write!(f, "it has {c:?}, which no tag has"),
            Self::Unclosed => f.write_str("it starts with `/` and does not end with `/`"),
            Self::Glob(why) | Self::Expression(why) => f.write_str(why),
            Self::TooCostly => f.write_str("it needs too much memory when compiled"),
        }
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, tag: &str) -> bool {
        Pattern::parse(pattern).expect("a pattern").is_match(&tag.parse().expect("a tag"))
    }

    #[test]
    fn globs_match_the_whole_tag_and_expressions_any_part() {
        assert!(matches("1.*", "1.27.4-alpine"));
        assert!(!matches("1.*", "v1.27"));
        assert!(matches("1[01].{0,1}.?", "11.1.7"));
        assert!(matches("[!v]*", "1") && !matches("[!v]*", "v1"));
        assert!(matches("/\\d-rc/", "1.2-rc1"));
        assert!(matches("latest", "latest") && !matches("latest", "latest1"));
        assert!(matches("\\*", "x") || Pattern::parse("\\*").is_ok());
    }

    #[test]
    fn only_a_text_without_wildcards_is_a_literal() {
        let literal = |text: &str| Pattern::parse(text).expect("a pattern").literal().is_some();
        assert!(literal("1.10") && literal("_x") && !literal("1.1?") && !literal("/1/"));
    }

    #[test]
    fn what_is_not_a_pattern_says_why() {
        let long = "a".repeat(PATTERN_BYTES_MAX + 1);
        let costly = format!("{}*", "[!a]".repeat(1000));
        let texts =
            ["", "//", "/a", "/a/i", "a b", "a/*", "[a", "{a,b", "/(/", "/a{1000}{1000}/", &long, &costly];
        let why = texts.map(|text| match Pattern::parse(text) {
            Ok(_) => format!("{text:.20}: fine"),
            Err(why) => format!("{text:.20}: {why}"),
        });
        insta::assert_snapshot!(why.join("\n"));
    }
}
