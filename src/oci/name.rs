//! Repository paths and tags, by the grammar of the distribution specification.

use std::fmt;
use std::str::FromStr;

/// The path of a repository inside a registry, such as `library/alpine`.
///
/// distribution-spec, "Pulling manifests": lower-case components separated by `/`; at most 255
/// bytes, the limit that most registries share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryPath(Box<str>);

/// A tag: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Box<str>);

/// Why a text is not a repository path or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameError {
    /// Nothing there.
    Empty,
    /// Longer than `max` bytes.
    TooLong {
        /// The limit in bytes.
        max: usize,
    },
    /// A repository path may only have lower-case letters.
    UpperCase,
    /// The first character that the grammar does not allow in its place.
    Character(char),
    /// A component of a path is empty, or starts or ends with a separator.
    Component(String),
}

/// Longest tag, in bytes.
pub(crate) const TAG_BYTES_MAX: usize = 128;
/// Longest repository path, in bytes.
pub(crate) const PATH_BYTES_MAX: usize = 255;

impl RepositoryPath {
    /// The path that stands for all of a registry, where only one repository can be named.
    pub(crate) fn catalog() -> Self {
        Self("catalog".into())
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Tag {
    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RepositoryPath {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_length(text, PATH_BYTES_MAX)?;
        text.split('/').try_for_each(check_component)?;
        Ok(Self(text.into()))
    }
}

/// One component: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn check_component(component: &str) -> Result<(), NameError> {
    if component.chars().any(|c| c.is_ascii_uppercase()) {
        return Err(NameError::UpperCase);
    }
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if let Some(bad) = component.chars().find(|c| !alphanumeric(*c) && !"._-".contains(*c)) {
        return Err(NameError::Character(bad));
    }
    let separators_ok = component
        .split(alphanumeric)
        .all(|run| matches!(run, "" | "." | "_" | "__") || run.bytes().all(|b| b == b'-'));
    if component.starts_with(alphanumeric) && component.ends_with(alphanumeric) && separators_ok {
        Ok(())
    } else {
        Err(NameError::Component(component.to_owned()))
    }
}

impl FromStr for Tag {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_length(text, TAG_BYTES_MAX)?;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let bad = text.char_indices().find(|(at, c)| !(word(*c) || (*at > 0 && ".-".contains(*c))));
        match bad {
            Some((_, c)) => Err(NameError::Character(c)),
            None => Ok(Self(text.into())),
        }
    }
}

fn check_length(text: &str, max: usize) -> Result<(), NameError> {
    if text.is_empty() {
        Err(NameError::Empty)
    } else if text.len() > max {
        Err(NameError::TooLong { max })
    } else {
        Ok(())
    }
}

impl fmt::Display for RepositoryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong { max } => write!(f, "it is longer than {max} bytes"),
            Self::UpperCase => f.write_str("a repository is written in lower case"),
            Self::Character(c) => write!(f, "it has {c:?}, which is not allowed there"),
            Self::Component(part) => {
                write!(f, "the part {part:?} is empty, or starts, ends or joins with a wrong separator")
            }
        }
    }
}

impl std::error::Error for NameError {}

serde_as_text!(RepositoryPath);
serde_as_text!(Tag);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_grammar() {
        for good in ["alpine", "library/alpine", "a/b/c", "a__b", "a---b", "a.b_c-d", "0/1"] {
            assert!(good.parse::<RepositoryPath>().is_ok(), "{good}");
        }
        for bad in
            ["", "A", "a//b", "/a", "a/", "a..b", "a___b", ".a", "a-", "a._b", "ä", "a:b", "a/../b", "a%2fb"]
        {
            assert!(bad.parse::<RepositoryPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tags_follow_the_grammar() {
        let longest = "x".repeat(128);
        for good in ["latest", "1.10", "_x", "V1-rc.2", &longest] {
            assert!(good.parse::<Tag>().is_ok(), "{good}");
        }
        let too_long = "x".repeat(129);
        for bad in ["", ".1", "-x", "a/b", "a b", "a\n", "a\u{1b}[0m", &too_long] {
            assert!(bad.parse::<Tag>().is_err(), "{bad:?}");
        }
    }
}
