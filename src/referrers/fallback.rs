//! What the tag of a subject is worth: an index of its referrers, or something else of that name. Pure.

use crate::oci::{Digest, ManifestError, MediaType, RawManifest, Referrer};
use std::collections::HashSet;

/// The referrers of `subject` that its tag lists; none where the tag is not a list of them.
/// distribution-spec, "Referrers Tag Schema".
///
/// GitLab resolves the tag to the image itself. Who follows that would take its platforms for referrers.
///
/// # Errors
/// It is an index that cannot be read.
pub(super) fn worth(
    raw: &RawManifest,
    subject: &Digest,
    children: &HashSet<Digest>,
) -> Result<Option<Vec<Referrer>>, ManifestError> {
    if !may_list(&raw.digest, &raw.media_type, subject) {
        return Ok(None);
    }
    let listed = Referrer::listed(raw, subject)?;
    let is_of_the_image = |one: &Referrer| one.digest == *subject || children.contains(&one.digest);
    Ok((!listed.iter().any(is_of_the_image)).then_some(listed))
}

/// Whether a manifest can be a list of the referrers of `subject`, by what a HEAD tells.
pub(super) fn may_list(digest: &Digest, media_type: &MediaType, subject: &Digest) -> bool {
    *media_type == MediaType::oci_index() && digest != subject
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn index(entries: &[&Digest]) -> RawManifest {
        let entry = |digest: &&Digest| {
            format!(r#"{{"mediaType":"{}","digest":"{digest}","size":7}}"#, MediaType::oci_manifest())
        };
        let entries: Vec<String> = entries.iter().map(entry).collect();
        let json = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","));
        RawManifest::new(MediaType::oci_index(), Bytes::from(json), None)
    }

    #[test]
    fn only_an_index_that_is_not_the_image_lists_referrers() {
        let [image, child, signature] =
            ["image", "child", "signature"].map(|name| Digest::of(name.as_bytes()));
        let children = HashSet::from([child.clone()]);
        let listed = |raw: &RawManifest, subject: &Digest| {
            let found = worth(raw, subject, &children).expect("it can be read");
            found.map(|found| found.into_iter().map(|one| one.digest).collect::<Vec<_>>())
        };
        let good = index(&[&signature]);
        assert_eq!(listed(&good, &image), Some(vec![signature.clone()]));
        assert_eq!(listed(&index(&[]), &image), Some(vec![]), "nobody speaks about it (any more)");
        assert_eq!(listed(&good, &good.digest), None, "the image itself, as at GitLab");
        assert_eq!(listed(&index(&[&child, &signature]), &image), None, "another spelling of the image");
        assert_eq!(listed(&index(&[&image]), &image), None);
        let manifest = RawManifest { media_type: MediaType::oci_manifest(), ..good.clone() };
        let list = RawManifest { media_type: MediaType::docker_list(), ..good.clone() };
        assert_eq!([listed(&manifest, &image), listed(&list, &image)], [None, None]);
        let broken = RawManifest::new(MediaType::oci_index(), Bytes::from_static(b"{}"), None);
        assert!(worth(&broken, &image, &children).is_err());
    }
}
