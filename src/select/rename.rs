//! Renames: what a tag is called at the target. Never decides what is taken.

use super::pattern::{PATTERN_BYTES_MAX, PatternError, compile};
use crate::oci::Tag;
use regex::bytes::Regex;
use std::fmt;

/// One rename: tags that match get the name that the template gives.
#[derive(Debug, Clone)]
pub struct Rename {
    expression: Regex,
    text: String,
    template: String,
}

/// Why a pair of texts is not a rename.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenameError {
    /// The expression is not one.
    Match(PatternError),
    /// The template is longer than [`TEMPLATE_BYTES_MAX`].
    TemplateTooLong,
    /// The template names a group that the expression does not have.
    Group {
        /// The name or number of the group.
        group: String,
        /// The bytes of the template that name it.
        at: std::ops::Range<usize>,
        /// What was probably meant: `${1}_x` for `$1_x`.
        meant: Option<String>,
    },
}

/// Longest template, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 1024;

impl Rename {
    /// Reads a regular expression, with or without slashes around it, and a template in which `$1` and
    /// `$name` stand for its groups.
    ///
    /// # Errors
    /// See [`RenameError`].
    pub fn parse(text: &str, template: &str) -> Result<Self, RenameError> {
        if text.len() > PATTERN_BYTES_MAX {
            return Err(RenameError::Match(PatternError::TooLong));
        }
        if template.len() > TEMPLATE_BYTES_MAX {
            return Err(RenameError::TemplateTooLong);
        }
        let bare = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).unwrap_or(text);
        let expression = compile(bare).map_err(RenameError::Match)?;
        check_groups(&expression, template)?;
        Ok(Self { expression, text: text.to_owned(), template: template.to_owned() })
    }

    /// The new name, when the expression matches somewhere in `tag`: the first match is replaced, the
    /// rest of the tag stays. The result need not be a tag.
    pub fn apply(&self, tag: &Tag) -> Option<String> {
        let bytes = tag.as_str().as_bytes();
        if !self.expression.is_match(bytes) {
            return None;
        }
        let renamed = self.expression.replace(bytes, self.template.as_bytes());
        Some(String::from_utf8_lossy(&renamed).into_owned())
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The rules by which the library reads a template: the longest name, or the one between braces.
fn check_groups(expression: &Regex, template: &str) -> Result<(), RenameError> {
    let mut at = 0;
    while let Some(dollar) = template[at..].find('$').map(|found| at + found) {
        let after = &template[dollar + 1..];
        if after.starts_with('$') {
            at = dollar + 2;
            continue;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, length) = match after.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((name, _)) => (name, name.len() + 3),
            None => {
                let name = &after[..after.find(|c| !is_name(c)).unwrap_or(after.len())];
                (name, name.len() + 1)
            }
        };
        let known = match name.parse::<usize>() {
            Ok(number) => number < expression.captures_len(),
            Err(_) => expression.capture_names().flatten().any(|group| group == name),
        };
        if !name.is_empty() && !known {
            let digits = &name[..name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len())];
            let number = digits.parse::<usize>().ok().filter(|number| *number < expression.captures_len());
            let meant = number.map(|_| format!("${{{digits}}}{}", &name[digits.len()..]));
            let at = dollar..dollar + length;
            return Err(RenameError::Group { group: name.to_owned(), at, meant });
        }
        at = dollar + length;
    }
    Ok(())
}

impl PartialEq for Rename {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.template == other.template
    }
}

impl Eq for Rename {}

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Match(why) => why.fmt(f),
            Self::TemplateTooLong => write!(f, "it is longer than {TEMPLATE_BYTES_MAX} bytes"),
            Self::Group { group, .. } => write!(f, "the expression has no group `{group}`"),
        }
    }
}

impl std::error::Error for RenameError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(text: &str, template: &str, tag: &str) -> Option<String> {
        Rename::parse(text, template).expect("a rename").apply(&tag.parse().expect("a tag"))
    }

    #[test]
    fn the_first_match_is_replaced_and_the_rest_stays() {
        assert_eq!(renamed("^v(.*)$", "$1", "v1.2"), Some("1.2".to_owned()));
        assert_eq!(renamed("/^v/", "", "v1.2"), Some("1.2".to_owned()));
        assert_eq!(renamed("-(?<os>alpine)", "_${os}_$$", "1-alpine-x"), Some("1_alpine_$-x".to_owned()));
        assert_eq!(renamed("^v", "", "1.2"), None);
    }

    #[test]
    fn a_template_may_only_name_groups_that_exist() {
        let group = |group: &str, at, meant: Option<&str>| {
            Err(RenameError::Group { group: group.to_owned(), at, meant: meant.map(str::to_owned) })
        };
        assert_eq!(Rename::parse("a", "x$1"), group("1", 1..3, None));
        assert_eq!(Rename::parse("(a)", "$1_x"), group("1_x", 0..4, Some("${1}_x")));
        assert_eq!(Rename::parse("(a)", "${os}"), group("os", 0..5, None));
        assert!(Rename::parse("(a)", "$0$1${1}$$9 $").is_ok());
    }
}
