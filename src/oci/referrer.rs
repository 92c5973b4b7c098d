//! Referrers: manifests that speak about another one, and the tags by which registries without a list of
//! them are asked.

use super::{Digest, MediaType, Tag};

/// A manifest that speaks about another one: a signature, an attestation, an SBOM.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Referrer {
    /// What it speaks about: the image, one of its child manifests, or another referrer.
    pub subject: Digest,
    /// Its own digest.
    pub digest: Digest,
    /// What it is.
    pub media_type: MediaType,
    /// What it is about its subject, where that is known.
    pub artifact_type: Option<MediaType>,
    /// How it is found.
    pub link: Link,
}

/// How a referrer is found by whoever has its subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// It names its subject, and the registry lists it there, or the tag of the subject does.
    /// distribution-spec, "Listing Referrers" and "Referrers Tag Schema".
    Subject,
    /// It has a tag made of the digest of its subject, as cosign writes them.
    Tag(CosignTag),
}

/// What cosign puts behind the digest of a subject in a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CosignTag {
    /// `.sig`: signatures.
    Signature,
    /// `.att`: attestations.
    Attestation,
    /// `.sbom`: a bill of materials.
    Sbom,
}

impl CosignTag {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Signature, Self::Attestation, Self::Sbom];

    /// What stands behind the digest.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Signature => ".sig",
            Self::Attestation => ".att",
            Self::Sbom => ".sbom",
        }
    }

    /// The tag for `subject`: `sha256-<hex>.sig`.
    pub fn of(self, subject: &Digest) -> Option<Tag> {
        format!("{}{}", dashed(subject), self.suffix()).parse().ok()
    }
}

/// The tag that lists the referrers of `subject` where the registry does not: `sha256-<hex>`, of longer
/// digests the beginning. distribution-spec, "Referrers Tag Schema".
pub fn referrers_tag(subject: &Digest) -> Option<Tag> {
    dashed(subject).parse().ok()
}

fn dashed(digest: &Digest) -> String {
    let (algorithm, encoded) = digest.as_str().split_once(':').unwrap_or_default();
    let beginning: String = encoded.chars().take(HEX_CHARS_MAX).collect();
    format!("{algorithm}-{beginning}")
}

/// Most characters of a digest in a tag. distribution-spec, "Referrers Tag Schema".
const HEX_CHARS_MAX: usize = 64;

/// Whether a tag is one of those that belong to a digest, and not to a version of something.
pub fn is_of_referrers(tag: &Tag) -> bool {
    let suffixes = CosignTag::ALL.map(CosignTag::suffix);
    let bare = suffixes.iter().find_map(|suffix| tag.as_str().strip_suffix(suffix)).unwrap_or(tag.as_str());
    let Some((algorithm, hex)) = bare.split_once('-') else { return false };
    matches!(algorithm, "sha256" | "sha512")
        && hex.len() == HEX_CHARS_MAX
        && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_made_of_the_digests_that_they_are_about() {
        let digest = Digest::of(b"an image");
        let hex = digest.as_str().trim_start_matches("sha256:");
        let text = |tag: Option<Tag>| tag.map(|tag| tag.to_string()).unwrap_or_default();
        assert_eq!(text(referrers_tag(&digest)), format!("sha256-{hex}"));
        assert_eq!(text(CosignTag::Signature.of(&digest)), format!("sha256-{hex}.sig"));
        let long: Digest = format!("sha512:{}", "ab".repeat(64)).parse().expect("a digest");
        assert_eq!(text(referrers_tag(&long)), format!("sha512-{}", "ab".repeat(32)));
        for cosign in CosignTag::ALL {
            assert!(cosign.of(&digest).is_some_and(|tag| is_of_referrers(&tag)), "{cosign:?}");
        }
        assert!(referrers_tag(&long).is_some_and(|tag| is_of_referrers(&tag)));
    }

    #[test]
    fn tags_of_versions_are_none_of_them() {
        let hex = "ab".repeat(32);
        for tag in [
            "latest".to_owned(),
            "sha256-abc".to_owned(),
            format!("sha256-{hex}.txt"),
            format!("sha256-{hex}0"),
            format!("sha256-{}", hex.to_uppercase()),
            format!("sha1-{hex}"),
            format!("v1-sha256-{hex}"),
        ] {
            assert!(!is_of_referrers(&tag.parse().expect("a tag")), "{tag}");
        }
    }
}
