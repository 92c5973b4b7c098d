//! Ranges of versions as other tools read them, in the words of a spec. What those tools take for no
//! version is told apart by a pattern.

use crate::select::Range;

/// Which library a tool compares versions with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// One to three numbers; pre-releases only where the range names one.
    Lenient,
    /// Three numbers, no more and no less; pre-releases as the versions that they come before.
    Strict,
}

/// A range in the words of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) range: String,
    /// What is no version to the tool.
    pub(super) exclude: String,
    pub(super) prerelease: bool,
}

/// Releases only: numbers and dots, perhaps after a `v`, three at most, without zeros in front.
const NO_RELEASE: &str = r"/[^v0-9.]|.v|(^v?|\.)0\d|(\..*){3}/";
/// The same with a suffix.
const NO_VERSION: &str = r"/_|^v?[0-9.]+[A-Za-z]|^v?\d+(\.\d+){3}|^v?(\d+\.){0,2}0\d/";
/// Three numbers with or without a suffix.
const NOT_STRICT: &str = r"/_|^v?[0-9.]+[A-Za-z]|^v?\d+(\.\d+){3}|^v?(\d+\.){0,2}0\d|^v?\d+(\.\d+)?(-|$)/";

/// Words for operators that are spelt otherwise.
const OPERATORS: [(&str, &str); 4] = [("=<", "<="), ("=>", ">="), ("~>", "~"), ("==", "=")];

/// Puts a range into the words of a spec.
///
/// # Errors
/// Why a spec cannot say it.
pub(super) fn translated(text: &str, flavour: Flavour) -> Result<Translated, String> {
    if text.contains('!') {
        return Err("a range cannot leave versions out with `!`; `exclude` can".to_owned());
    }
    let mut named = false;
    let alternatives: Vec<String> = text
        .split("||")
        .map(|alternative| {
            let alternative = OPERATORS
                .iter()
                .fold(alternative.trim().to_owned(), |text, (theirs, ours)| text.replace(theirs, ours));
            let between: Vec<&str> = alternative.split(" - ").map(str::trim).collect();
            let spelt = match between[..] {
                [from, to] => format!(">={from}, <={to}"),
                _ => alternative.clone(),
            };
            let words: Vec<String> = spelt.split(' ').map(|word| released(word, &mut named)).collect();
            words.join(" ")
        })
        .collect();
    let range = alternatives.join(" || ");
    Range::parse(&range).map_err(|why| why.to_string())?;
    let (exclude, prerelease) = match (flavour, named) {
        (Flavour::Lenient, false) => (NO_RELEASE, false),
        (Flavour::Lenient, true) => (NO_VERSION, true),
        (Flavour::Strict, _) => (NOT_STRICT, true),
    };
    Ok(Translated { range, exclude: exclude.to_owned(), prerelease })
}

/// A word of a range without the pre-release that it names.
fn released(word: &str, named: &mut bool) -> String {
    let (word, comma) = match word.strip_suffix(',') {
        Some(word) => (word, ","),
        None => (word, ""),
    };
    match word.split_once('-') {
        Some((release, _)) if release.ends_with(|c: char| c.is_ascii_digit()) => {
            *named = true;
            format!("{release}{comma}")
        }
        _ => format!("{word}{comma}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::Pattern;

    #[test]
    fn ranges_are_put_into_the_words_of_a_spec() {
        let range = |text: &str| translated(text, Flavour::Lenient).map(|it| (it.range, it.prerelease));
        let table = [
            (">= 1.2, < 3.0.0 || ~>4.2", Ok((">= 1.2, < 3.0.0 || ~4.2".to_owned(), false))),
            ("1.2 - 1.4.5", Ok((">=1.2, <=1.4.5".to_owned(), false))),
            (">=1.2.0-0, <2", Ok((">=1.2.0, <2".to_owned(), true))),
            ("1.x", Ok(("1.x".to_owned(), false))),
        ];
        for (text, expected) in table {
            assert_eq!(range(text), expected, "{text}");
        }
        assert!(range("!=1.2").is_err() && range("latest").is_err() && range("").is_err());
    }

    #[test]
    fn what_is_no_version_to_a_tool_is_told_apart() {
        let dropped = |pattern: &str, tags: &[&str]| {
            let pattern = Pattern::parse(pattern).expect("a pattern");
            let is_dropped = |tag: &&&str| pattern.is_match(&tag.parse().expect("a tag"));
            tags.iter().filter(is_dropped).map(ToString::to_string).collect::<Vec<_>>()
        };
        let tags =
            ["1", "v1.2", "1.2.3", "1.2.3.4", "1.2.3-alpine", "2024.01", "1.2.3rc1", "0.1.0", "10.0.1"];
        assert_eq!(dropped(NO_RELEASE, &tags), ["1.2.3.4", "1.2.3-alpine", "2024.01", "1.2.3rc1"]);
        assert_eq!(dropped(NO_VERSION, &tags), ["1.2.3.4", "2024.01", "1.2.3rc1"]);
        assert_eq!(dropped(NOT_STRICT, &tags), ["1", "v1.2", "1.2.3.4", "2024.01", "1.2.3rc1"]);
    }
}
