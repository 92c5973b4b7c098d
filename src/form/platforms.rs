//! Which platforms are mirrored, and what is one of them.

use crate::oci::Platform;

/// The platforms that are mirrored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Platforms {
    /// All that there are; manifests stay byte for byte.
    #[default]
    All,
    /// These, at least one, all different.
    Only(Vec<Platform>),
}

impl Platforms {
    /// Whether something for `platform` is mirrored.
    pub fn take(&self, platform: &Platform) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => wanted.iter().any(|wanted| matches(wanted, platform)),
        }
    }

    /// Each as it is written, where not all are mirrored.
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::All => None,
            Self::Only(list) => Some(list.iter().map(ToString::to_string).collect()),
        }
    }
}

/// Whether `found` is what `wanted` means. A platform without a variant means every variant; otherwise
/// `arm` without one is `v7` and `arm64` without one `v8`, as container runtimes read them. The build of
/// Windows plays no part.
fn matches(wanted: &Platform, found: &Platform) -> bool {
    let same = wanted.os == found.os && wanted.architecture == found.architecture;
    same && match &wanted.variant {
        None => true,
        Some(variant) => Some(variant.as_str()) == variant_of(found),
    }
}

fn variant_of(platform: &Platform) -> Option<&str> {
    match (&platform.variant, platform.architecture.as_str()) {
        (Some(variant), _) => Some(variant),
        (None, "arm") => Some("v7"),
        (None, "arm64") => Some("v8"),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_counts_only_where_it_is_asked_for() {
        let platform = |text: &str| text.parse::<Platform>().expect("a platform");
        for (wanted, found, expected) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "linux/amd64/v3", true),
            ("linux/amd64/v3", "linux/amd64", false),
            ("linux/amd64", "linux/arm64", false),
            ("linux/amd64", "windows/amd64", false),
            ("linux/arm", "linux/arm/v6", true),
            ("linux/arm/v7", "linux/arm", true),
            ("linux/arm/v7", "linux/arm/v6", false),
            ("linux/arm64/v8", "linux/arm64", true),
            ("linux/arm64", "linux/arm64/v8", true),
        ] {
            assert_eq!(matches(&platform(wanted), &platform(found)), expected, "{wanted} {found}");
        }
    }
}
