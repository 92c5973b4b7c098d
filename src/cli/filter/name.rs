//! What a filter that is begun may be called: a name that is good in every language.

use std::fmt;
use std::str::FromStr;

/// Longest name, in bytes: it becomes the name of a folder, a crate and a package.
const BYTES_MAX: usize = 64;

/// `[a-z][a-z0-9-]*`, such as `newest-minors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ProjectName(String);

impl ProjectName {
    /// As it is written.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// As languages write it that have no `-` in names.
    pub(super) fn as_identifier(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl FromStr for ProjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts_well || !text.chars().all(legal) {
            return Err("a name has lower-case letters, digits and `-`, and begins with a letter".to_owned());
        }
        if text.len() > BYTES_MAX {
            return Err(format!("it is longer than {BYTES_MAX} characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_good_for_a_folder_and_in_every_language() {
        for good in ["a", "newest-minors", "a1-"] {
            assert_eq!(good.parse::<ProjectName>().map(|name| name.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-a", "1a", "A", "a_b", "a/b", "..", "a b", "ä", &"a".repeat(65)] {
            assert!(bad.parse::<ProjectName>().is_err(), "{bad:?}");
        }
        let name: ProjectName = "newest-minors".parse().expect("a name");
        assert_eq!(name.as_identifier(), "newest_minors");
    }
}
