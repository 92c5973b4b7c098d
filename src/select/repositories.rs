//! Which repositories of an area are taken. Knows names only, and lists nothing.

use super::PatternError;
use super::pattern::{Globs, Kind};
use crate::oci::RepositoryPath;
use std::fmt;

/// One pattern of names of repositories, below the area that they lie in.
#[derive(Clone)]
pub struct NamePattern {
    text: String,
    kind: Kind<RepositoryPath>,
}

/// Globs of names of repositories.
const OF_NAMES: Globs = Globs {
    in_names: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/:".contains(c),
    literal_separator: true,
};

/// Which repositories of an area are taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameSelection {
    /// Patterns of which one must match; without any, every name.
    pub include: Vec<NamePattern>,
    /// Patterns of which none may match.
    pub exclude: Vec<NamePattern>,
}

impl NamePattern {
    /// Reads a pattern, in the language of tags: between slashes a regular expression that may match
    /// anywhere; with one of `*?[]{}\` a glob for the whole name, in which `*` ends at a `/` and `**` does
    /// not; else the name itself.
    ///
    /// # Errors
    /// See [`PatternError`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Ok(Self { text: text.to_owned(), kind: Kind::read(text, &OF_NAMES)? })
    }

    /// Whether it matches a name.
    pub fn is_match(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Literal(literal) => literal.as_str() == name,
            Kind::Expression(expression) => expression.is_match(name.as_bytes()),
        }
    }
}

impl NameSelection {
    /// Whether a name is taken.
    pub fn takes(&self, name: &str) -> bool {
        let matches = |patterns: &[NamePattern]| patterns.iter().any(|pattern| pattern.is_match(name));
        (self.include.is_empty() || matches(&self.include)) && !matches(&self.exclude)
    }
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for NamePattern {}

impl fmt::Debug for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        NamePattern::parse(pattern).expect(pattern).is_match(name)
    }

    #[test]
    fn a_glob_ends_at_a_slash_unless_it_says_otherwise() {
        for (pattern, name) in [
            ("web", "web"),
            ("web/*", "web/api"),
            ("web/**", "web/api/v1"),
            ("**/api", "web/api"),
            ("**/api", "api"),
            ("{web,db}-*", "db-main"),
            ("/^web/", "web/api"),
            ("/cache/", "web/cache/x"),
        ] {
            assert!(matches(pattern, name), "{pattern} takes {name}");
        }
        for (pattern, name) in
            [("web", "web/api"), ("*", "web/api"), ("web/*", "web/api/v1"), ("web*", "web/api")]
        {
            assert!(!matches(pattern, name), "{pattern} does not take {name}");
        }
    }

    #[test]
    fn what_is_excluded_is_not_taken_whatever_includes_it() {
        let patterns =
            |texts: &[&str]| texts.iter().map(|text| NamePattern::parse(text).expect(text)).collect();
        let selection =
            NameSelection { include: patterns(&["web/**", "db"]), exclude: patterns(&["**/cache"]) };
        let taken = ["web/api", "web/cache", "db", "dbx", "other"].map(|name| selection.takes(name));
        assert_eq!(taken, [true, false, true, false, false]);
        assert!(NameSelection::default().takes("any/thing"));
    }

    #[test]
    fn what_could_never_match_is_no_pattern() {
        assert_eq!(NamePattern::parse(""), Err(PatternError::Empty));
        assert_eq!(NamePattern::parse("/a"), Err(PatternError::Unclosed));
        assert_eq!(NamePattern::parse("Web*"), Err(PatternError::Foreign('W')));
        assert!(matches!(NamePattern::parse("Web"), Err(PatternError::Literal(_))));
        assert!(matches!(NamePattern::parse("/(/"), Err(PatternError::Expression(_))));
    }
}
