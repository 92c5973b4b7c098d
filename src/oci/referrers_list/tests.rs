//! How lists of referrers are added to, case by case, and as laws.

use super::*;
use crate::laws;
use proptest::collection::vec;
use proptest::prelude::*;

const BYTES_MAX: u64 = 1 << 20;

fn raw(media_type: &MediaType, text: &str) -> RawManifest {
    RawManifest::new(media_type.clone(), text.to_owned().into(), None)
}

fn referrer(number: u8) -> ReferrerEntry {
    let text = format!(r#"{{"artifactType":"a/b","annotations":{{"n":"{number}"}},"layers":[]}}"#);
    ReferrerEntry::new(&raw(&MediaType::oci_manifest(), &text))
}

fn referrers(numbers: &[u8]) -> Vec<ReferrerEntry> {
    numbers.iter().map(|number| referrer(*number)).collect()
}

fn subject() -> Digest {
    Digest::of(b"an image")
}

fn merged(there: Option<&RawManifest>, numbers: &[u8]) -> Option<RawManifest> {
    with_referrers(&subject(), there, &referrers(numbers), BYTES_MAX).expect("a list")
}

fn digests(list: &RawManifest) -> BTreeSet<Digest> {
    listed(&subject(), list).expect("a list").into_iter().collect()
}

#[test]
fn a_new_list_has_what_the_manifests_say_of_themselves() {
    let config = format!(r#"{{"mediaType":"c/d","digest":"{}","size":2}}"#, Digest::of(b"{}"));
    let rows = [
        (r#"{"artifactType":"a/b","annotations":{"k":"v"}}"#.to_owned(), Some("a/b"), 1),
        (format!(r#"{{"artifactType":"a/b","config":{config}}}"#), Some("a/b"), 0),
        (format!(r#"{{"config":{config}}}"#), Some("c/d"), 0),
        (format!(r#"{{"artifactType":"","config":{config}}}"#), Some("c/d"), 0),
        (r#"{"manifests":[]}"#.to_owned(), None, 0),
        (r#"{"artifactType":"no media type","annotations":null}"#.to_owned(), None, 0),
        (r#"{"annotations":{"k":1}}"#.to_owned(), None, 0),
        ("[]".to_owned(), None, 0),
    ];
    for (text, artifact_type, annotations) in rows {
        let entry = ReferrerEntry::new(&raw(&MediaType::oci_manifest(), &text));
        assert_eq!(entry.artifact_type.as_ref().map(MediaType::as_str), artifact_type, "{text}");
        assert_eq!(entry.annotations.len(), annotations, "{text}");
        assert_eq!(entry.size_bytes, text.len() as u64);
    }
    let list = merged(None, &[1]).expect("a list");
    let expected = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":58,"artifactType":"a/b","annotations":{{"n":"1"}}}}]}}"#,
        referrer(1).digest
    );
    assert_eq!(String::from_utf8_lossy(&list.bytes), expected);
}

#[test]
fn what_others_wrote_stays_byte_for_byte() {
    let digest = Digest::of(b"theirs");
    let entry = format!(r#"{{ "size": 7, "digest": "{digest}", "mediaType": "a/b", "x": 1.50e400 }}"#);
    for (before, behind) in [
        (format!("{{\n \"manifests\" : [\n  {entry}"), "\n ],\n \"annotations\": {\"k\": \"]\"}\n}"),
        (format!("{{\"schemaVersion\":2,\"manifests\":[{entry}"), "]}"),
    ] {
        let there = raw(&MediaType::oci_index(), &format!("{before}{behind}"));
        let list = merged(Some(&there), &[1]).expect("something is new");
        let text = String::from_utf8_lossy(&list.bytes).into_owned();
        assert!(text.starts_with(&before) && text.ends_with(behind), "{text}");
        assert_eq!(digests(&list), BTreeSet::from([digest.clone(), referrer(1).digest]));
    }
    let empty = raw(&MediaType::oci_index(), "{\"schemaVersion\":2,\"manifests\":[ ]}");
    assert_eq!(digests(&merged(Some(&empty), &[2]).expect("new")), BTreeSet::from([referrer(2).digest]));
}

#[test]
fn what_is_no_list_of_referrers_is_not_added_to() {
    let refused = |there: &RawManifest| {
        with_referrers(&subject(), Some(there), &referrers(&[1]), BYTES_MAX).expect_err("no list")
    };
    let list = merged(None, &[1]).expect("a list");
    let other =
        |media_type: &MediaType, text: &str| matches!(refused(&raw(media_type, text)), ListError::Other(_));
    assert!(other(&MediaType::oci_manifest(), r#"{"layers":[]}"#), "an image");
    assert!(other(&MediaType::docker_list(), r#"{"manifests":[]}"#), "a list of platforms");
    assert!(other(&MediaType::oci_index(), "{}"));
    assert!(other(&MediaType::oci_index(), r#"{"manifests":null}"#));
    assert!(other(&MediaType::oci_index(), r#"{"manifests":[],"layers":[]}"#));
    assert!(other(&MediaType::oci_index(), "no JSON"));
    let itself = with_referrers(&list.digest, Some(&list), &referrers(&[2]), BYTES_MAX);
    assert_eq!(itself, Err(ListError::Itself), "where a registry takes the tag for the digest");
}

#[test]
fn a_list_ends_where_manifests_do() {
    let length = merged(None, &[1, 2]).expect("a list").bytes.len() as u64;
    let made = |bytes_max| with_referrers(&subject(), None, &referrers(&[1, 2]), bytes_max);
    assert!(made(length).is_ok());
    assert_eq!(made(length - 1), Err(ListError::TooLong));
    let entry = format!(r#"{{"mediaType":"a/b","digest":"{}","size":1}}"#, Digest::of(b""));
    let full = format!(r#"{{"manifests":[{}]}}"#, vec![entry.as_str(); ENTRIES_MAX].join(","));
    let full = raw(&MediaType::oci_index(), &full);
    let over = with_referrers(&subject(), Some(&full), &referrers(&[1]), u64::MAX);
    assert!(over == Err(ListError::TooLong), "one more than lists may have");
}

#[test]
fn merging_is_idempotent_and_the_order_does_not_matter() {
    laws::hold((vec(0_u8..9, 0..6), vec(0_u8..9, 0..6), vec(0_u8..9, 0..6)), |(theirs, one, other)| {
        let there = merged(None, &theirs).expect("a list");
        let both = |first: &[u8], second: &[u8]| {
            let list = merged(Some(&there), first).unwrap_or_else(|| there.clone());
            merged(Some(&list), second).unwrap_or(list)
        };
        let list = both(&one, &other);
        prop_assert_eq!(digests(&list), digests(&both(&other, &one)));
        for again in [&theirs, &one, &other] {
            prop_assert_eq!(merged(Some(&list), again), None, "what is there is not written again");
        }
        let wanted: Vec<u8> = [theirs, one, other].concat();
        prop_assert_eq!(digests(&list), referrers(&wanted).into_iter().map(|one| one.digest).collect());
        let text = String::from_utf8_lossy(&there.bytes).into_owned();
        let kept = text.trim_end_matches("]}");
        prop_assert!(String::from_utf8_lossy(&list.bytes).starts_with(kept));
        let mut reversed = wanted.clone();
        reversed.reverse();
        prop_assert_eq!(merged(None, &wanted), merged(None, &reversed), "the same bytes");
        Ok(())
    });
}
