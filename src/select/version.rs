//! Versions as tags have them: read leniently, compared exactly. Never decides what is taken.

/// The version that a tag names. Two variants of one version (`1.2-alpine`, `1.2`) are equal.
///
/// Ordered by the numbers, where a missing number is 0; then by the revision (`1.2-1` is above
/// `1.2`); then a pre-release is below its release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Without zeros at the end, so that `1.2` and `1.2.0` are one version.
    numbers: Vec<u64>,
    /// Numbers after a separator: `1.2.3-4`, `2024-01-15`.
    revision: Vec<u64>,
    stage: Stage,
}

/// Variants are ordered: a pre-release is below its release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// What comes before the release: `rc`, then 1.
    Prerelease(String, Vec<u64>),
    Release,
}

/// Words that begin a pre-release; each ends where a digit, a separator or nothing follows.
const PRERELEASE_WORDS: [&str; 14] = [
    "alpha",
    "beta",
    "canary",
    "cr",
    "dev",
    "ea",
    "milestone",
    "nightly",
    "pre",
    "prerelease",
    "preview",
    "rc",
    "snapshot",
    "m",
];

impl Version {
    /// Reads the version of a tag: an optional `v`, one or more numbers with dots between them, and
    /// a suffix. None when the tag names no version, such as `latest` or a commit.
    pub fn of(tag: &str) -> Option<Self> {
        let text = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
        let (mut numbers, rest) = leading_numbers(text)?;
        let attached = !rest.is_empty() && !rest.starts_with(is_separator);
        let (revision, stage) = match attached {
            true => (Vec::new(), attached_prerelease(rest, numbers.len())?),
            false => separated_suffix(rest),
        };
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Self { numbers, revision, stage })
    }

    /// Whether it comes before a release.
    pub fn is_prerelease(&self) -> bool {
        matches!(self.stage, Stage::Prerelease(..))
    }

    /// The number at `position`, from 0; 0 where the version has none.
    pub fn number(&self, position: usize) -> u64 {
        self.numbers.get(position).copied().unwrap_or(0)
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | '_')
}

/// `1.27.4-alpine` is 1, 27, 4 and `-alpine`. None when there is no number or one beyond `u64`.
fn leading_numbers(text: &str) -> Option<(Vec<u64>, &str)> {
    let (first, mut rest) = leading_number(text)?;
    let mut numbers = vec![first];
    while let Some((number, after)) = rest.strip_prefix('.').and_then(leading_number) {
        numbers.push(number);
        rest = after;
    }
    Some((numbers, rest))
}

fn leading_number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

/// A number that ends where a separator or nothing follows.
fn whole_number(text: &str) -> Option<(u64, &str)> {
    leading_number(text).filter(|(_, rest)| rest.is_empty() || rest.starts_with(is_separator))
}

/// Everything after the numbers, where a separator comes first (or nothing at all).
fn separated_suffix(mut rest: &str) -> (Vec<u64>, Stage) {
    let mut revision = Vec::new();
    while let Some((number, after)) = rest.strip_prefix(is_separator).and_then(whole_number) {
        revision.push(number);
        rest = after;
    }
    let stage = rest.strip_prefix(is_separator).and_then(prerelease).map(|(stage, _)| stage);
    (revision, stage.unwrap_or(Stage::Release))
}

/// `1.2.0rc1`. Anything else without a separator is no version: `7f3a9c2` is a commit.
fn attached_prerelease(rest: &str, numbers: usize) -> Option<Stage> {
    let short = |word: &str| {
        let after =
            rest.strip_prefix(word).filter(|after| after.starts_with(|c: char| c.is_ascii_digit()))?;
        let (number, rest) = leading_number(after)?;
        Some((Stage::Prerelease(word.to_owned(), vec![number]), rest))
    };
    let (stage, after) = prerelease(rest).or_else(|| short("a")).or_else(|| short("b"))?;
    let could_be_hexadecimal = rest.chars().all(|c| c.is_ascii_hexdigit());
    let ends = after.is_empty() || after.starts_with(is_separator);
    (ends && (numbers > 1 || !could_be_hexadecimal)).then_some(stage)
}

/// A pre-release at the start of `text`, with its numbers, and what follows them.
fn prerelease(text: &str) -> Option<(Stage, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, mut rest) = text.split_at(end);
    let word = word.to_ascii_lowercase();
    let bare_m = word == "m" && !rest.starts_with(|c: char| c.is_ascii_digit());
    if bare_m || !PRERELEASE_WORDS.contains(&word.as_str()) {
        return None;
    }
    let mut numbers = Vec::new();
    if let Some((number, after)) = leading_number(rest) {
        numbers.push(number);
        rest = after;
    }
    while let Some((number, after)) = rest.strip_prefix(is_separator).and_then(whole_number) {
        numbers.push(number);
        rest = after;
    }
    Some((Stage::Prerelease(word, numbers), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(tag: &str) -> Version {
        Version::of(tag).unwrap_or_else(|| panic!("{tag} is a version"))
    }

    #[test]
    fn tags_of_real_repositories_are_read() {
        for tag in
            ["v1.2", "1.2-alpine", "2024.01", "1.27.4-alpine3.20", "10.4.2_security-01", "8", "1.2.3.4"]
        {
            assert!(!version(tag).is_prerelease(), "{tag}");
        }
        for tag in ["1.2.0rc1", "1.2-RC.1", "v2-alpha", "3.13.0b2", "17beta1", "1.0-m3", "25-ea", "1.2-dev-x"]
        {
            assert!(version(tag).is_prerelease(), "{tag}");
        }
        for tag in
            ["latest", "v", "7f3a9c2", "12ea5c0", "1234b12", "1.1.1k", "sha256-1", "", "99999999999999999999"]
        {
            assert_eq!(Version::of(tag), None, "{tag}");
        }
        for tag in ["1.2-alpine", "1.2-m", "1.2-devcontainer", "1.2-precise"] {
            assert_eq!(version(tag), version("1.2.0"), "{tag}");
        }
    }

    #[test]
    fn order_is_what_a_person_expects() {
        let ordered = [
            "1.2.0-alpha1",
            "1.2.0-beta",
            "1.2.0-rc.2",
            "1.2.0-rc.10",
            "1.2",
            "1.2-1",
            "1.2.0-2",
            "1.2.0.1",
            "1.10",
            "2024-01-15",
            "2024-02-01",
            "2024.01",
        ];
        for pair in ordered.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
    }
}
