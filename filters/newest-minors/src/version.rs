//! Versions of releases: three numbers, perhaps with a `v`. Anything else is no release.

/// `1.27.4` or `v1.27.4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
}

impl Version {
    /// Reads a tag; none if it is no release.
    pub fn read(tag: &str) -> Option<Self> {
        let mut parts = tag.strip_prefix('v').unwrap_or(tag).split('.');
        let mut next = || number(parts.next()?);
        let version = Self { major: next()?, minor: next()?, patch: next()? };
        parts.next().is_none().then_some(version)
    }

    /// The first two numbers.
    pub fn minor(&self) -> (u64, u64) {
        (self.major, self.minor)
    }
}

/// Digits without a leading zero, so that no two texts are the same number.
fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_plain_numbers_are_a_version() {
        assert_eq!(Version::read("v1.20.3"), Some(Version { major: 1, minor: 20, patch: 3 }));
        for tag in [
            "1.20",
            "1.20.3.4",
            "1.20.3-rc1",
            "1.020.3",
            "1..3",
            "+1.2.3",
            "vv1.2.3",
            "1.2.99999999999999999999",
        ] {
            assert_eq!(Version::read(tag), None, "{tag}");
        }
    }
}
