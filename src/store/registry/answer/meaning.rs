//! What a status and an error document mean: a table from what registries say to what went wrong. Decides
//! only.

use super::Listed;
use crate::failure::{Code, Operation};
use crate::store::backoff::is_passing;
use crate::store::registry::named;
use reqwest::StatusCode;

/// Words of those that have no room: of distribution, of most, and of Harbor.
const FULL: [&str; 3] = ["no space left", "quota", "exceed the configured upper limit"];

/// Words of those that hold on to a tag: of ECR and Harbor, of Google, of ECR's API, of several, of
/// Nexus, and of Azure, which says no more of a lock.
const IMMUTABLE: [&str; 6] = [
    "immutable",
    "immutability",
    "imagetagalreadyexists",
    "cannot overwrite",
    "does not allow updating",
    "operation is disallowed on this registry, repository or image",
];

/// Codes of those that do not take a kind of manifest. SWR says it without a code of its own.
const UNSUPPORTED: [&str; 2] = ["MANIFEST_INVALID", "UNSUPPORTED"];

pub(super) fn classify(status: StatusCode, operation: Operation, listed: &Listed, body: &[u8]) -> Code {
    let mut words = String::from_utf8_lossy(&body[..body.len().min(2048)]).to_ascii_lowercase();
    words.push_str(&listed.detail.to_string().to_ascii_lowercase());
    let says = |needle: &str| words.contains(needle);
    let full = FULL.iter().any(|words| says(words)) || status == StatusCode::INSUFFICIENT_STORAGE;
    let put = operation == Operation::ManifestPut;
    let immutable = put && (listed.code == "TAG_INVALID" || IMMUTABLE.iter().any(|words| says(words)));
    let unknown = put && named::MISSING.contains(&listed.code.as_str());
    let writing = put || matches!(operation, Operation::UploadStart | Operation::BlobPut);
    // Some registries answer 500 for what will never work; the listed code tells.
    let permanent =
        ["MANIFEST_INVALID", "MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "UNSUPPORTED", "NAME_INVALID"]
            .contains(&listed.code.as_str());
    match status.as_u16() {
        // First: "quota exceeded" is said of requests as well as of bytes.
        // Docker Hub, where too many manifests were fetched in some hours.
        429 if says("pull rate limit") => Code::Quota,
        429 => Code::Throttled,
        _ if writing && full => Code::TargetFull,
        _ if immutable => Code::ImmutableTag,
        400 | 404 | 409 | 412 | 422 | 500 if unknown => Code::ContentUnknown,
        401 => Code::Unauthenticated,
        403 => Code::Denied,
        404 if writing && listed.code == "NAME_UNKNOWN" => Code::RepositoryMissing,
        // Nothing else can be missing where nothing else was named.
        404 if operation == Operation::UploadStart => Code::RepositoryMissing,
        404 => Code::NotFound,
        405 if writing => Code::ReadOnly,
        407 => Code::Proxy,
        409 | 412 if put => Code::ImmutableTag,
        415 if put => Code::UnsupportedManifest,
        400 if put && (says("fail to parse") || UNSUPPORTED.contains(&listed.code.as_str())) => {
            Code::UnsupportedManifest
        }
        500..=599 if permanent => Code::Protocol,
        501 | 505 => Code::Protocol,
        500..=599 => Code::ServerError,
        status if is_passing(status) => Code::ServerError,
        _ => Code::Protocol,
    }
}

pub(super) fn hint(code: Code, operation: Operation) -> Option<&'static str> {
    Some(match code {
        Code::Unauthenticated | Code::Denied if operation == Operation::Download => {
            "files are fetched without credentials: put it where everybody may read it, or into a registry"
        }
        Code::Unauthenticated | Code::Denied if operation == Operation::Catalog => {
            "listing repositories often needs more rights than pulling them: use a credential that may, or name \
             each repository in a rule of its own"
        }
        Code::Unauthenticated => {
            "log in with `docker login`, or give credentials for this registry under `registries:` in the spec"
        }
        Code::Denied if operation == Operation::TagList => {
            "the credential may not list tags; name the tags in the spec, or use one that may"
        }
        Code::Denied if operation == Operation::ReferrerList => {
            "the credential may not list referrers; use one that may, or write `referrers: none`"
        }
        Code::Denied if operation == Operation::ManifestPut => {
            "the credential has no right to write this tag, or none to overwrite it, or the target protects it"
        }
        Code::Denied if operation == Operation::UploadStart => {
            "the credential has no right to write here, or the repository (or its project or namespace) has \
             to be created at the target first"
        }
        Code::Denied => "the credential is valid but has no right to do this here",
        Code::RepositoryMissing => "create the repository (or its project or namespace) at the target first",
        Code::TargetFull => "free space or raise the quota of the target",
        Code::ReadOnly => "the target takes no writes: it may be read-only, a proxy cache, or not a registry",
        Code::ContentUnknown => named::HINT,
        Code::ImmutableTag => "the target protects this tag; list it under `immutable:` if it shall stay",
        Code::UnsupportedManifest => "the target does not take this kind of manifest",
        Code::Proxy => super::unanswered::PROXY_AUTH_HINT,
        Code::Quota => crate::store::registry::quota::HINT,
        _ => return None,
    })
}

/// Whether these are the words of a server that was spoken to without TLS: Go's, and nginx's.
pub(super) fn wants_tls(body: &[u8]) -> bool {
    let words = String::from_utf8_lossy(&body[..body.len().min(2048)]).to_ascii_lowercase();
    words.contains("http request to an https server") || words.contains("http request was sent to https port")
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    fn code(status: u16, operation: Operation, body: &str) -> Code {
        let document: Document = serde_json::from_str(body).unwrap_or_default();
        let listed = document.errors.into_iter().next().unwrap_or_default();
        classify(StatusCode::from_u16(status).expect("a status"), operation, &listed, body.as_bytes())
    }

    #[test]
    fn statuses_and_error_documents_become_codes() {
        use Operation::{BlobPut, ManifestGet, ManifestPut, UploadStart};
        let listed = |code: &str, message: &str| {
            format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#)
        };
        let table = [
            (401, ManifestGet, String::new(), Code::Unauthenticated),
            (403, ManifestGet, String::new(), Code::Denied),
            (404, UploadStart, listed("NAME_UNKNOWN", "no such repository"), Code::RepositoryMissing),
            (405, UploadStart, "read only".to_owned(), Code::ReadOnly),
            (429, ManifestGet, listed("TOOMANYREQUESTS", "slow down"), Code::Throttled),
            (
                429,
                ManifestGet,
                listed("TOOMANYREQUESTS", "You have reached your pull rate limit."),
                Code::Quota,
            ),
            (500, BlobPut, listed("UNKNOWN", "write: no space left on device"), Code::TargetFull),
            (403, ManifestPut, listed("DENIED", "Quota exceeded"), Code::TargetFull),
            (500, ManifestPut, listed("MANIFEST_BLOB_UNKNOWN", "blob unknown"), Code::ContentUnknown),
            (400, ManifestPut, listed("MANIFEST_BLOB_UNKNOWN", "blob unknown"), Code::ContentUnknown),
            (404, ManifestPut, listed("BLOB_UNKNOWN", "blob unknown"), Code::ContentUnknown),
            (404, ManifestPut, listed("MANIFEST_UNKNOWN", "manifest unknown"), Code::ContentUnknown),
            (404, ManifestPut, String::new(), Code::NotFound),
            (404, ManifestGet, listed("MANIFEST_UNKNOWN", "manifest unknown"), Code::NotFound),
            (400, ManifestPut, listed("TAG_INVALID", "already exists"), Code::ImmutableTag),
            (409, ManifestPut, String::new(), Code::ImmutableTag),
            (500, ManifestGet, "<html>".to_owned(), Code::ServerError),
            (400, ManifestPut, listed("ImageTagAlreadyExistsException", "tag"), Code::ImmutableTag),
            (429, ManifestPut, listed("TOOMANYREQUESTS", "Quota exceeded for quota metric"), Code::Throttled),
            (403, BlobPut, listed("DENIED", "will exceed the configured upper limit"), Code::TargetFull),
            (404, UploadStart, listed("NOT_FOUND", "project not found"), Code::RepositoryMissing),
            (404, UploadStart, "no such page".to_owned(), Code::RepositoryMissing),
            (400, ManifestPut, listed("MANIFEST_INVALID", "tag immutability"), Code::ImmutableTag),
            (
                405,
                ManifestPut,
                listed("X", "The operation is disallowed on this registry, repository or image."),
                Code::ImmutableTag,
            ),
            (405, UploadStart, listed("X", "The operation is disallowed"), Code::ReadOnly),
            (400, ManifestPut, listed("UNKNOWN", "fail to parse 'manifest.json'"), Code::UnsupportedManifest),
            (412, ManifestPut, listed("PRECONDITION", "matched rule"), Code::ImmutableTag),
            (
                400,
                ManifestPut,
                listed("MANIFEST_INVALID", "fail to parse 'manifest.json'"),
                Code::UnsupportedManifest,
            ),
            (415, ManifestPut, String::new(), Code::UnsupportedManifest),
            (502, ManifestGet, String::new(), Code::ServerError),
            (418, ManifestGet, String::new(), Code::Protocol),
        ];
        for (status, operation, body, expected) in table {
            assert_eq!(code(status, operation, &body), expected, "{status} {operation:?} {body}");
        }
    }
}
