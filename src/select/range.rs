//! Version ranges such as `>=10.4, <13`. Reads them; never looks at tags.

use super::Version;
use semver::{Comparator, Op, Prerelease, VersionReq};
use std::fmt;

/// A range of versions: comparators that all hold, or several such lists parted by `||`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    text: String,
    alternatives: Vec<VersionReq>,
}

/// Why a text is not a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeError {
    /// Nothing stands where a comparator belongs.
    Empty,
    /// An operator that does not exist here.
    Operator(String),
    /// What follows the operator is not a version.
    Number(String),
    /// More than three numbers, which ranges do not compare.
    TooManyNumbers(String),
    /// A pre-release inside the range.
    Prerelease(String),
    /// More than [`COMPARATORS_MAX`] comparators.
    TooLong,
}

/// Most comparators in one range.
const COMPARATORS_MAX: usize = 32;

const OPERATORS: [(&str, Op); 6] = [
    (">=", Op::GreaterEq),
    ("<=", Op::LessEq),
    (">", Op::Greater),
    ("<", Op::Less),
    ("^", Op::Caret),
    ("=", Op::Exact),
];

impl Range {
    /// Reads a range. A version without an operator means exactly that one; `1.2` and `1.2.x` mean
    /// every 1.2.
    ///
    /// # Errors
    /// See [`RangeError`].
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        let mut alternatives = Vec::new();
        let mut count = 0;
        for alternative in text.split("||") {
            let comparators = alternative.split(',').flat_map(split_at_operators);
            let comparators =
                comparators.map(|part| comparator(part.trim())).collect::<Result<Vec<_>, _>>()?;
            count += comparators.len();
            if count > COMPARATORS_MAX {
                return Err(RangeError::TooLong);
            }
            alternatives.push(VersionReq { comparators: comparators.into_iter().flatten().collect() });
        }
        Ok(Self { text: text.trim().to_owned(), alternatives })
    }

    /// Whether the first three numbers of `version` are in the range. A pre-release is in it when its
    /// release is.
    pub fn matches(&self, version: &Version) -> bool {
        let release = semver::Version::new(version.number(0), version.number(1), version.number(2));
        self.alternatives.iter().any(|alternative| alternative.matches(&release))
    }

    /// The range as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// `>=1 <2` is two comparators, `>= 1` is one.
fn split_at_operators(text: &str) -> Vec<&str> {
    let is_operator = |c: char| "<>=^~!".contains(c);
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(is_operator) {
        let before = &text[start..at];
        if before.ends_with(char::is_whitespace) && !before.trim().is_empty() {
            parts.push(before);
            start = at;
        }
    }
    parts.push(&text[start..]);
    parts
}

/// One comparator; none for `*`, which every version passes.
fn comparator(text: &str) -> Result<Option<Comparator>, RangeError> {
    if text.is_empty() {
        return Err(RangeError::Empty);
    }
    let end = text.find(|c: char| !"<>=^~!".contains(c)).unwrap_or(text.len());
    let (operator, version) = text.split_at(end);
    let version = version.trim_start();
    let op = match operator {
        "" => Op::Exact,
        "~" => Op::Tilde,
        _ => match OPERATORS.iter().find(|(known, _)| *known == operator) {
            Some((_, op)) => *op,
            None => return Err(RangeError::Operator(operator.to_owned())),
        },
    };
    let bad = || RangeError::Number(version.to_owned());
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    if version.contains('-') && !version.contains(char::is_whitespace) {
        return Err(RangeError::Prerelease(version.to_owned()));
    }
    let mut numbers = Vec::new();
    let mut wild = false;
    for part in version.split('.') {
        match part {
            "x" | "X" | "*" => wild = true,
            _ if wild => return Err(bad()),
            _ if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) => {
                numbers.push(part.parse::<u64>().map_err(|_| bad())?);
            }
            _ => return Err(bad()),
        }
    }
    match numbers[..] {
        [] => Ok(None),
        [major] => Ok(Some(part_of(op, major, None, None))),
        [major, minor] => Ok(Some(part_of(op, major, Some(minor), None))),
        [major, minor, patch] => Ok(Some(part_of(op, major, Some(minor), Some(patch)))),
        _ => Err(RangeError::TooManyNumbers(version.to_owned())),
    }
}

fn part_of(op: Op, major: u64, minor: Option<u64>, patch: Option<u64>) -> Comparator {
    Comparator { op, major, minor, patch, pre: Prerelease::EMPTY }
}

impl RangeError {
    /// What to write instead, where that is known.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Operator(operator) if operator == "~>" => {
                "write `^1.2` for any 1.x from 1.2 on, or `~1.2` for any 1.2.x"
            }
            Self::Operator(operator) if operator == "!=" => "leave versions out with `exclude`",
            Self::Operator(_) => "the operators are `=`, `>`, `>=`, `<`, `<=`, `^` and `~`",
            Self::Prerelease(_) => {
                "name the release, and set `prerelease: true`: a pre-release is in a range when its release is"
            }
            Self::TooManyNumbers(_) => "a range compares three numbers; use a pattern for the rest",
            Self::Empty | Self::Number(_) | Self::TooLong => {
                "a range looks like `>=10.4, <13`, `^1.2`, `~1.2`, `1.x` or `^1 || ^3`"
            }
        }
    }
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a version is missing in it"),
            Self::Operator(operator) => write!(f, "it has the unknown operator `{operator}`"),
            Self::Number(text) if text.is_empty() => f.write_str("an operator has no version"),
            Self::Number(text) => write!(f, "`{text}` is not a version"),
            Self::TooManyNumbers(text) => write!(f, "`{text}` has more than three numbers"),
            Self::Prerelease(text) => write!(f, "`{text}` is a pre-release"),
            Self::TooLong => write!(f, "it has more than {COMPARATORS_MAX} comparators"),
        }
    }
}

impl std::error::Error for RangeError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn matching(range: &str, tags: &[&str]) -> Vec<String> {
        let range = Range::parse(range).expect("a range");
        let inside = |tag: &&&str| range.matches(&Version::of(tag).expect("a version"));
        tags.iter().filter(inside).map(ToString::to_string).collect()
    }

    #[test]
    fn ranges_compare_numbers() {
        let tags = ["1.1", "1.2", "v1.2.9-alpine", "1.10", "1.10.0-rc1", "2.0", "2024.01", "3.0.0.7"];
        assert_eq!(matching(">=1.2, <2", &tags), ["1.2", "v1.2.9-alpine", "1.10", "1.10.0-rc1"]);
        assert_eq!(matching(">=1.2 <1.10", &tags), ["1.2", "v1.2.9-alpine"]);
        assert_eq!(matching("~1.2", &tags), ["1.2", "v1.2.9-alpine"]);
        assert_eq!(matching("1.2", &tags), ["1.2", "v1.2.9-alpine"]);
        assert_eq!(matching("1.x || >= v2024.01", &tags).len(), 6);
        assert_eq!(matching("3.0.0", &tags), ["3.0.0.7"]);
        assert_eq!(matching("*", &tags).len(), tags.len());
    }

    #[test]
    fn what_is_not_a_range_says_why() {
        let why = |text: &str| Range::parse(text).expect_err("not a range").to_string();
        let texts =
            ["", ">=1,", "~> 1.2", "!=3", ">= ", "1.2.3.4", ">=1.2.0-rc1", "1.2 - 1.4", "new", "1.*.2"];
        insta::assert_snapshot!(texts.map(|text| format!("{text:12} {}", why(text))).join("\n"));
    }
}
