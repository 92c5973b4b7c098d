//! What a referrer is about its subject, and which are wanted. Pure.

use crate::oci::{CosignTag, Link, MediaType, RawManifest, Referrer, ReferrerEntry};
use crate::spec::Referrers;

/// As what cosign's tags count, from the first on.
const COSIGN: [(CosignTag, &[&str]); 3] = [
    (
        CosignTag::Signature,
        &[
            "application/vnd.dev.cosign.artifact.sig.v1+json",
            // The type of its layers, by which many know it.
            "application/vnd.dev.cosign.simplesigning.v1+json",
        ],
    ),
    (CosignTag::Attestation, &["application/vnd.dev.cosign.artifact.att.v1+json"]),
    (CosignTag::Sbom, &["application/vnd.dev.cosign.artifact.sbom.v1+json"]),
];

/// The type of an artifact by its manifest: its own, or that of its config; none where it says nothing.
pub(super) fn type_of(raw: &RawManifest) -> Option<MediaType> {
    ReferrerEntry::new(raw).artifact_type().cloned()
}

/// The type of what one of cosign's tags names.
pub(super) fn type_of_tag(tag: CosignTag) -> Option<MediaType> {
    types_of_tag(tag).first()?.parse().ok()
}

fn types_of_tag(tag: CosignTag) -> &'static [&'static str] {
    COSIGN.iter().find(|(one, _)| *one == tag).map_or(&[], |(_, types)| types)
}

/// Whether a referrer is of a type.
pub(super) fn is_of(referrer: &Referrer, wanted: &MediaType) -> bool {
    match referrer.link {
        Link::Subject => referrer.artifact_type.as_ref() == Some(wanted),
        Link::Tag(tag) => types_of_tag(tag).contains(&wanted.as_str()),
    }
}

/// Whether a referrer is mirrored.
pub(super) fn is_wanted(referrer: &Referrer, wanted: &Referrers) -> bool {
    match wanted {
        Referrers::All => true,
        Referrers::None => false,
        Referrers::Types(types) => types.iter().any(|wanted| is_of(referrer, wanted)),
    }
}

/// The types of `required` that none of `found` is of.
pub fn missing<'a>(required: &'a [MediaType], found: &[Referrer]) -> Vec<&'a MediaType> {
    required.iter().filter(|wanted| !found.iter().any(|one| is_of(one, wanted))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Digest;

    fn media_type(text: &str) -> MediaType {
        text.parse().expect("a media type")
    }

    fn referrer(link: Link, artifact_type: Option<&str>) -> Referrer {
        Referrer {
            subject: Digest::of(b"image"),
            digest: Digest::of(b"signature"),
            media_type: MediaType::oci_manifest(),
            artifact_type: artifact_type.map(media_type),
            link,
        }
    }

    #[test]
    fn the_tags_of_cosign_have_types() {
        const SIG: &str = "application/vnd.dev.cosign.artifact.sig.v1+json";
        const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
        const ATT: &str = "application/vnd.dev.cosign.artifact.att.v1+json";
        let sig = referrer(Link::Tag(CosignTag::Signature), None);
        let sbom = referrer(Link::Tag(CosignTag::Sbom), None);
        let own = referrer(Link::Subject, Some("a/sbom"));
        let unknown = referrer(Link::Subject, None);
        for (one, wanted, expected) in [
            (&sig, SIG, true),
            (&sig, SIMPLE, true),
            (&sig, ATT, false),
            (&sbom, SIG, false),
            (&sbom, "application/vnd.dev.cosign.artifact.sbom.v1+json", true),
            (&own, "a/sbom", true),
            (&own, SIG, false),
            (&unknown, "a/sbom", false),
        ] {
            let wanted = media_type(wanted);
            assert_eq!(is_of(one, &wanted), expected, "{one:?} {wanted}");
            assert_eq!(is_wanted(one, &Referrers::Types(vec![media_type("a/b"), wanted])), expected);
        }
        assert!(is_wanted(&unknown, &Referrers::All) && !is_wanted(&sig, &Referrers::None));
        assert_eq!(type_of_tag(CosignTag::Signature), Some(media_type(SIG)));
        let required = [SIMPLE, "a/sbom", ATT].map(media_type);
        assert_eq!(missing(&required, &[sig, own]), [&media_type(ATT)]);
        assert_eq!(missing(&[], &[]), Vec::<&MediaType>::new());
    }
}
