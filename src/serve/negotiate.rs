//! What a client takes and has already: `Accept`, `If-None-Match`, `If-Range`. RFC 9110. Values only.

use crate::oci::{Digest, MediaType};

/// Whether a client that sent these headers `Accept` takes a manifest of this type. Who says nothing takes all.
pub(super) fn accepts<'a>(headers: impl IntoIterator<Item = &'a str>, media_type: &MediaType) -> bool {
    let (mut said, mut taken) = (false, false);
    for one in headers.into_iter().flat_map(|header| header.split(',')) {
        let mut parts = one.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default();
        if range.is_empty() {
            continue;
        }
        said = true;
        let refused = parts.any(|part| matches!(part.split_once('='), Some((q, weight)) if q.trim().eq_ignore_ascii_case("q") && is_nothing(weight.trim())));
        taken |= !refused && covers(range, media_type.as_str());
    }
    taken || !said
}

/// A weight of `0`, `0.0`, …
fn is_nothing(weight: &str) -> bool {
    weight.starts_with('0') && weight.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

fn covers(range: &str, media_type: &str) -> bool {
    match range.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => media_type.split_once('/').is_some_and(|(of, _)| of.eq_ignore_ascii_case(kind)),
        None => range.eq_ignore_ascii_case(media_type),
    }
}

/// The tag of content for HTTP: its digest, which is a strong one.
pub(super) fn etag(digest: &Digest) -> String {
    format!("\"{digest}\"")
}

/// Whether a client that sent these headers `If-None-Match` has the content already. The weak comparison:
/// RFC 9110, "If-None-Match".
pub(super) fn has_already<'a>(headers: impl IntoIterator<Item = &'a str>, digest: &Digest) -> bool {
    let own = etag(digest);
    let mut named = headers.into_iter().flat_map(|header| header.split(',')).map(str::trim);
    named.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == own)
}

/// Whether a range may be answered as one: the client has parts of this very content, or does not say of which.
/// The strong comparison, and no dates, for we have none: RFC 9110, "If-Range".
pub(super) fn may_be_part(if_range: Option<&str>, digest: &Digest) -> bool {
    if_range.is_none_or(|named| named.trim() == etag(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(headers: &[&str]) -> bool {
        accepts(headers.iter().copied(), &MediaType::oci_index())
    }

    #[test]
    fn who_says_nothing_or_anything_takes_an_index() {
        assert!(takes(&[]) && takes(&[""]) && takes(&["*/*"]) && takes(&["application/*"]));
        assert!(takes(&["application/vnd.oci.image.index.v1+json"]));
        assert!(takes(&["text/html, Application/vnd.oci.image.INDEX.v1+json;q=0.5"]));
        assert!(takes(&["text/html", "application/vnd.oci.image.index.v1+json"]));
    }

    #[test]
    fn who_names_other_types_does_not() {
        assert!(!takes(&["application/vnd.oci.image.manifest.v1+json"]));
        assert!(!takes(&["text/*, image/png"]));
        assert!(!takes(&["application/vnd.oci.image.index.v1+json; q=0"]));
        assert!(!takes(&["*/*;q=0.0"]));
    }

    #[test]
    fn content_is_compared_by_its_digest() {
        let digest = Digest::of(b"content");
        let other = etag(&Digest::of(b"other"));
        let own = etag(&digest);
        assert!(has_already([own.as_str()], &digest) && has_already(["*"], &digest));
        assert!(has_already([format!("{other}, W/{own}").as_str()], &digest));
        assert!(!has_already([other.as_str()], &digest) && !has_already([], &digest));
        assert!(!has_already([digest.as_str()], &digest), "without quotes it is no tag");
        assert!(may_be_part(None, &digest) && may_be_part(Some(&own), &digest));
        assert!(!may_be_part(Some(&other), &digest) && !may_be_part(Some(&format!("W/{own}")), &digest));
        assert!(!may_be_part(Some("Sun, 22 Nov 2026 00:00:00 GMT"), &digest));
    }
}
