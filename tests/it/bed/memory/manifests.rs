//! Manifests: read as far as the `Accept` header allows, taken when everything below is there.

use super::Request;
use super::answer::Answer;
use super::contents::StoredManifest;
use super::errors::{digest_invalid, error, errors};
use super::personality::{Children, Heads, Referrers, SameDigest};
use super::server::Shared;
use super::tagging;
use crate::bed::digest::{is_digest, matches, sha256};
use bytes::Bytes;
use serde_json::{Value, json};

/// Longest manifest that is taken, in bytes, as in distribution.
const MANIFEST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The media types that distribution 2.8.2 takes.
const TAKEN: [&str; 4] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// `HEAD` and `GET …/manifests/…`. distribution-spec, "Pulling manifests".
pub(super) fn read(shared: &Shared, request: &Request, name: &str, at: &str) -> Answer {
    let contents = shared.contents();
    let traits = &shared.options.traits;
    let Some((digest, stored)) = contents.manifest_at(name, at) else {
        return traits.unknown.answer(name, at);
    };
    let accept = request.headers.iter().filter(|(key, _)| key == "accept").flat_map(|(_, v)| v.split(','));
    let mut accept = accept.map(|value| value.split(';').next().unwrap_or_default().trim());
    if !accept.any(|media_type| media_type == stored.media_type) {
        // Distribution turns Docker's formats into schema 1 where it can, and answers this where it
        // cannot; nobody shall be given schema 1 here.
        let known = stored.media_type.contains(".docker.");
        let (status, code) = if known { (400, "MANIFEST_INVALID") } else { (404, "MANIFEST_UNKNOWN") };
        return error(status, code, "the accept header does not support this manifest", Value::Null);
    }
    let etag = format!("\"{digest}\"");
    if request.header("if-none-match") == Some(&etag) {
        return Answer::empty(304);
    }
    let answer = Answer::bytes(200, stored.bytes.clone()).header("content-type", &stored.media_type);
    if (traits.heads, request.method.as_str()) == (Heads::NoDigest, "HEAD") {
        return answer;
    }
    answer.header("docker-content-digest", digest).header("etag", etag)
}

/// `PUT …/manifests/…`. distribution-spec, "Pushing Manifests".
pub(super) fn put(shared: &Shared, request: &Request, name: &str, at: &str, bytes: Bytes) -> Answer {
    let media_type = request.header("content-type").unwrap_or_default();
    let document = match check(media_type, &bytes) {
        Ok(document) => document,
        Err(why) => return error(400, "MANIFEST_INVALID", why, json!({})),
    };
    if is_digest(at) && !matches(at, &bytes) {
        return digest_invalid(Value::Null);
    }
    let traits = &shared.options.traits;
    if let Some((_, refusal)) = traits.refuses.iter().find(|(part, _)| concerns(part, media_type, &document))
    {
        return refusal.answer(name, at);
    }
    let digest = if is_digest(at) { at.to_owned() } else { sha256(&bytes) };
    let tags = match tagging::asked(traits.tagging, request, at) {
        Ok(tags) => tags,
        Err(refused) => return *refused,
    };
    let mut contents = shared.contents();
    for at in tags.iter().map(String::as_str).chain([at]) {
        let named = contents.repositories.get(name).and_then(|repository| repository.tags.get(at));
        let moves =
            named.is_some_and(|named| named.digest != digest || traits.same_digest == SameDigest::Refused);
        if moves && shared.is_protected(name, at) {
            return traits.protected.answer(name, at);
        }
    }
    let absent = contents.absent(name, &document);
    if !absent.is_empty() && traits.children != Children::Unchecked {
        if traits.children == Children::Required {
            let what = absent.join(", ");
            shared.violated(format!("PUT {} arrived before what it reaches: {what}", request.path));
        }
        let details = absent.into_iter().map(Value::from).collect();
        return errors(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", details);
    }
    let lost = contents.noticed(name, &document);
    if !lost.is_empty() {
        let details = lost.into_iter().map(|digest| json!({ "digest": digest })).collect();
        return errors(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", details);
    }
    let stored = StoredManifest { media_type: media_type.to_owned(), bytes };
    contents.repository(name).manifests.insert(digest.clone(), stored);
    if !is_digest(at) {
        contents.put_tag(name, at, &digest);
    }
    for tag in &tags {
        contents.put_tag(name, tag, &digest);
    }
    let answer = Answer::empty(traits.manifest_status)
        .header("location", format!("{}/v2/{name}/manifests/{digest}", shared.origin()))
        .header("docker-content-digest", digest);
    let answer = tags.into_iter().fold(answer, |answer, tag| answer.header("oci-tag", tag));
    match document["subject"]["digest"].as_str() {
        Some(subject) if traits.referrers != Referrers::Absent => answer.header("oci-subject", subject),
        _ => answer,
    }
}

/// Whether a part of a media type occurs in a manifest's own type or in that of its config.
fn concerns(part: &str, media_type: &str, document: &Value) -> bool {
    media_type.contains(part)
        || document["config"]["mediaType"].as_str().is_some_and(|own| own.contains(part))
}

/// Parses a manifest; says why it is refused.
fn check(media_type: &str, bytes: &[u8]) -> Result<Value, &'static str> {
    if bytes.len() > MANIFEST_BYTES_MAX {
        return Err("manifest too large");
    }
    if !TAKEN.contains(&media_type) {
        return Err("unknown media type");
    }
    let document: Value = serde_json::from_slice(bytes).map_err(|_| "not JSON")?;
    if !document.is_object() || document["schemaVersion"] != 2 {
        return Err("not a manifest");
    }
    if document["mediaType"].as_str().is_some_and(|own| own != media_type) {
        return Err("the document and the header name different media types");
    }
    // CVE-2021-41190: what is both would be read differently by different clients.
    let is_image = !document["layers"].is_null() || !document["config"].is_null();
    if is_image && !document["manifests"].is_null() {
        return Err("both an image and an index");
    }
    Ok(document)
}
