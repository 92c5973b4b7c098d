//! The file of names and passwords. Only bcrypt is taken: whatever else stands there is refused when we start.

use bcrypt::HashParts;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr as _;

/// Largest file, in bytes: some ten thousand users.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// The highest cost that is taken: a password takes seconds at this one, and twice as long at each above.
const COST_MAX: u32 = 16;
/// The beginnings of hashes by bcrypt. `$2x$` is what a broken program made, and `$2$` is older still.
const BCRYPT: [&str; 3] = ["$2y$", "$2b$", "$2a$"];

/// Users with the hashes of their passwords.
pub struct Users {
    hashes: BTreeMap<String, String>,
}

/// Why a file has no users that can be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsersError {
    /// There is nobody in it.
    Nobody,
    /// A line is not `NAME:HASH`.
    Line {
        /// Its number, from 1.
        line: usize,
    },
    /// A user stands there twice.
    Twice {
        /// The number of the second line, from 1.
        line: usize,
    },
    /// The password is not hashed by bcrypt, or in a way that we do not take; what it is, in words.
    Hash {
        /// The number of the line, from 1.
        line: usize,
        /// What it is.
        what: &'static str,
    },
}

impl Users {
    /// Reads a file that `htpasswd -B` wrote. Empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// See [`UsersError`]; no hash is ever told.
    pub fn read(text: &str) -> Result<Self, UsersError> {
        let mut hashes = BTreeMap::new();
        let lines = text.lines().map(str::trim).enumerate();
        for (index, entry) in lines.filter(|(_, entry)| !entry.is_empty() && !entry.starts_with('#')) {
            let line = index + 1;
            let (name, hash) = entry.split_once(':').ok_or(UsersError::Line { line })?;
            if name.is_empty() || hash.contains(':') {
                return Err(UsersError::Line { line });
            }
            if let Some(what) = unfit(hash) {
                return Err(UsersError::Hash { line, what });
            }
            if hashes.insert(name.to_owned(), hash.to_owned()).is_some() {
                return Err(UsersError::Twice { line });
            }
        }
        match hashes.is_empty() {
            true => Err(UsersError::Nobody),
            false => Ok(Self { hashes }),
        }
    }

    pub(super) fn hash(&self, name: &str) -> Option<&str> {
        self.hashes.get(name).map(String::as_str)
    }

    /// A hash of somebody, to take as long over a name that is not known as over one that is.
    pub(super) fn any_hash(&self) -> &str {
        self.hashes.values().next().map(String::as_str).unwrap_or_default()
    }
}

/// What a hash is, in words, unless it is one that we take.
fn unfit(hash: &str) -> Option<&'static str> {
    if !BCRYPT.iter().any(|start| hash.starts_with(start)) {
        return Some(match hash {
            _ if hash.starts_with("$apr1$") || hash.starts_with("$1$") => "hashed by MD5",
            _ if hash.starts_with("{SHA}") || hash.starts_with("{SSHA}") => "hashed by SHA-1",
            _ if hash.starts_with("$5$") || hash.starts_with("$6$") => "hashed by SHA-2",
            _ if hash.starts_with("$2") => "hashed by a bcrypt that is known to be broken",
            _ => "plain, or hashed by crypt",
        });
    }
    match HashParts::from_str(hash) {
        Err(_) => Some("no whole hash by bcrypt"),
        Ok(parts) if parts.get_cost() > COST_MAX => {
            Some("hashed at a cost above 16, which takes seconds a time")
        }
        Ok(_) => None,
    }
}

/// What fuzzers call: whether a file has users.
#[cfg(any(test, fuzzing))]
pub(in crate::serve) fn read(text: &str) -> bool {
    Users::read(text).is_ok_and(|users| !users.any_hash().is_empty())
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} users", self.hashes.len())
    }
}

impl fmt::Display for UsersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("there is no user in it"),
            Self::Line { line } => write!(f, "line {line} is not NAME:HASH"),
            Self::Twice { line } => write!(f, "the user of line {line} stands there twice"),
            Self::Hash { line, what } => {
                write!(f, "the password of line {line} is {what}: make the line anew with `htpasswd -B`")
            }
        }
    }
}

impl std::error::Error for UsersError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// `htpasswd -Bbn -C 4 alice s3cret`.
    const LINE: &str = "alice:$2y$04$aKFD/XKrR4VgEkyH0TvzRuRVLkVxmPmcH6gQPM8nYlFhA7P.SIj2S";

    fn told(text: &str) -> String {
        Users::read(text).map_or_else(|why| why.to_string(), |users| format!("{users:?}"))
    }

    #[test]
    fn what_htpasswd_writes_with_bcrypt_is_read() {
        assert_eq!(told(&format!("# people\n\n{LINE}\r\n{}\n", LINE.replace("alice", "bob"))), "2 users");
        assert_eq!(told(&LINE.replace("$2y$", "$2b$")), "1 users");
    }

    #[test]
    fn every_other_password_is_refused_with_its_line_and_without_itself() {
        for (hash, what) in [
            ("secret", "plain"),
            ("$apr1$x7LgGZ$abc", "MD5"),
            ("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "SHA-1"),
            ("$6$salt$abc", "SHA-2"),
            ("rqXexS6ZhobKA", "crypt"),
            ("$2x$04$aKFD/XKrR4VgEkyH0TvzRuRVLkVxmPmcH6gQPM8nYlFhA7P.SIj2S", "broken"),
            ("$2y$04$short", "no whole hash"),
            ("$2y$31$aKFD/XKrR4VgEkyH0TvzRuRVLkVxmPmcH6gQPM8nYlFhA7P.SIj2S", "cost above 16"),
        ] {
            let said = told(&format!("{LINE}\nbob:{hash}\n"));
            assert!(said.contains("line 2") && said.contains(what) && !said.contains(hash), "{said}");
        }
    }

    #[test]
    fn a_file_that_lets_nobody_in_or_is_none_is_refused() {
        assert!(told("").contains("no user") && told("# nobody\n").contains("no user"));
        assert!(told("alice").contains("line 1 is not") && told(&LINE[5..]).contains("line 1 is not"));
        assert!(told(&format!("{LINE}:x")).contains("line 1 is not"));
        assert!(told(&format!("{LINE}\n{LINE}")).contains("line 2 stands there twice"));
    }
}
