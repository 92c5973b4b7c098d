//! What an answer that is no success means: from status, headers and error document to a failure.

use super::contact::UNREACHABLE_HINT;
use super::named;
use super::pause;
use crate::failure::{Code, Failure, HttpFacts, Operation};
use crate::store::backoff::RETRY_AFTER_MAX;
use reqwest::{Method, StatusCode, Url};
use serde::Deserialize;
use std::error::Error;
use std::time::Duration;

/// Most bytes that are read of an error document.
const ERROR_BYTES_MAX: usize = 64 * 1024;
/// How long the body of an error document may take, in seconds.
const ERROR_SECONDS_MAX: u64 = 10;
/// Most characters of a registry's message that are passed on.
const MESSAGE_CHARS_MAX: usize = 300;

/// The error document of distribution-spec, "Error codes".
#[derive(Debug, Default, Deserialize)]
struct Document {
    #[serde(default)]
    errors: Vec<Listed>,
}

#[derive(Debug, Default, Deserialize)]
struct Listed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    detail: serde_json::Value,
}

/// What a user can do about a connection with TLS that ends without an answer.
const CLOSED_HINT: &str = "if the registry wants a certificate of ours, name it with tls.client_cert and tls.client_key; \
     otherwise try again";

/// What a request was, for the failure that may come of it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) operation: Operation,
    pub(super) repository: String,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) credential: Option<String>,
}

impl Asked {
    /// A failure of this request.
    pub(super) fn failure(&self, code: Code, message: impl Into<String>) -> Box<Failure> {
        self.failure_with(code, message, None, None)
    }

    fn failure_with(
        &self,
        code: Code,
        message: impl Into<String>,
        status: Option<u16>,
        registry_code: Option<String>,
    ) -> Box<Failure> {
        let mut failure = Failure::new(code, &self.repository, self.operation, message);
        failure.http = Some(HttpFacts {
            method: self.method.to_string(),
            url: without_secrets(&self.url),
            status,
            registry_code,
        });
        failure.credential = self.credential.clone();
        failure
    }

    /// What a request that got no answer means.
    pub(super) fn unanswered(&self, error: &reqwest::Error) -> Box<Failure> {
        let why = causes(error);
        if error.is_timeout() {
            return self
                .failure(Code::Timeout, format!("no connection in time: {why}"))
                .hint(UNREACHABLE_HINT);
        }
        // rustls' words; there is no type to ask, because hyper boxes the error.
        let lower = why.to_ascii_lowercase();
        if lower.contains("certificate") || lower.contains("received fatal alert") {
            return self.failure(Code::Tls, format!("TLS refused: {why}")).hint(
                "name the registry's certificate authority with tls.ca_file, \
                 or our certificate with tls.client_cert and tls.client_key",
            );
        }
        if lower.contains("corrupt message") || lower.contains("invalidcontenttype") {
            return self.failure(Code::Tls, "the registry does not speak TLS").hint(
                "if that is meant, set plain_http: true for this registry in the spec; \
                       `copy` takes one with --spec",
            );
        }
        let failure = self.failure(Code::Network, format!("no answer: {why}"));
        match (error.is_connect(), self.url.scheme()) {
            (true, _) => failure.hint(UNREACHABLE_HINT),
            // In TLS 1.3 the refusal of a client comes after the handshake, and may be overtaken by
            // the end of the connection.
            (false, "https") => failure.hint(CLOSED_HINT),
            (false, _) => failure,
        }
    }

    /// What a body that breaks off means.
    pub(super) fn broken(&self, error: &reqwest::Error) -> Box<Failure> {
        self.failure(Code::Network, format!("the body broke off: {}", causes(error)))
    }

    /// What an answer with an unexpected status means. Reads at most 64 KiB of its body.
    pub(super) async fn refused(&self, answer: reqwest::Response) -> Box<Failure> {
        let status = answer.status();
        let retry_after = pause::retry_after(answer.headers());
        let body = read_some(answer).await;
        if self.url.scheme() == "http" && wants_tls(&body) {
            let message = "the registry speaks TLS, and was spoken to without";
            return self
                .failure_with(Code::Tls, message, Some(status.as_u16()), None)
                .hint("take `plain_http: true` for this registry out of the spec");
        }
        let document: Document = serde_json::from_slice(&body).unwrap_or_default();
        let listed = document.errors.into_iter().next().unwrap_or_default();
        let code = classify(status, self.operation, &listed, &body);
        let said = match listed.message.is_empty() {
            true => status.canonical_reason().unwrap_or("no reason given").to_owned(),
            false => clean(&listed.message),
        };
        let registry_code = Some(clean(&listed.code)).filter(|code| !code.is_empty());
        // A pause that nobody waits for is a quota, whatever it is called.
        let code = match retry_after {
            Some(pause) if code == Code::Throttled && pause > RETRY_AFTER_MAX => Code::Quota,
            _ => code,
        };
        let mut failure = self.failure_with(code, said, Some(status.as_u16()), registry_code);
        failure.retry_after = retry_after;
        if code == Code::ContentUnknown {
            failure.named = named::digests(&body);
        }
        if let (Code::Throttled | Code::Quota, Some(asked)) = (code, retry_after) {
            let hint = match code {
                Code::Quota => "run again then, to go on: what was copied is kept",
                _ => "lower its `limits:`",
            };
            let seconds = asked.as_secs();
            return failure.hint(format!("the registry asks to be left alone for {seconds} s; {hint}"));
        }
        match hint(code, self.operation) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

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

/// The code of an error document, where it has one.
pub(super) fn listed_code(body: &[u8]) -> Option<String> {
    let document: Document = serde_json::from_slice(body).ok()?;
    Some(document.errors.into_iter().next()?.code)
}

fn classify(status: StatusCode, operation: Operation, listed: &Listed, body: &[u8]) -> Code {
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
        409 | 412 if put => Code::ImmutableTag,
        415 if put => Code::UnsupportedManifest,
        400 if put && (says("fail to parse") || UNSUPPORTED.contains(&listed.code.as_str())) => {
            Code::UnsupportedManifest
        }
        500..=599 if permanent => Code::Protocol,
        501 | 505 => Code::Protocol,
        408 | 425 | 499 | 500..=599 => Code::ServerError,
        _ => Code::Protocol,
    }
}

fn hint(code: Code, operation: Operation) -> Option<&'static str> {
    Some(match code {
        Code::Unauthenticated | Code::Denied if operation == Operation::Download => {
            "files are fetched without credentials: put it where everybody may read it, or into a registry"
        }
        Code::Unauthenticated => {
            "log in with `docker login`, or give credentials for this registry under `registries:` in the spec"
        }
        Code::Denied if operation == Operation::TagList => {
            "the credential may not list tags; name the tags in the spec, or use one that may"
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
        Code::Quota => super::quota::HINT,
        _ => return None,
    })
}

/// Whether these are the words of a server that was spoken to without TLS: Go's, and nginx's.
fn wants_tls(body: &[u8]) -> bool {
    let words = String::from_utf8_lossy(&body[..body.len().min(2048)]).to_ascii_lowercase();
    words.contains("http request to an https server") || words.contains("http request was sent to https port")
}

/// Reads at most [`ERROR_BYTES_MAX`], and for no longer than [`ERROR_SECONDS_MAX`]. An error while
/// reading an error is no second error, because some registries announce more than they send.
async fn read_some(mut answer: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(piece)) = answer.chunk().await {
            let room = ERROR_BYTES_MAX - body.len();
            body.extend_from_slice(&piece[..piece.len().min(room)]);
            if body.len() >= ERROR_BYTES_MAX {
                break;
            }
        }
    };
    // What came until then is what is known.
    let _ = tokio::time::timeout(Duration::from_secs(ERROR_SECONDS_MAX), reading).await;
    body
}

/// A URL for people: without query, fragment and user, which may hold secrets.
pub(super) fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Errors only for URLs that cannot have a user, which then have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// The innermost words of an error, without the URL, which may hold secrets.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match error.source() {
        Some(_) => clean(&innermost.to_string()),
        // Nothing inside: reqwest's own words would name the URL.
        None if error.is_timeout() => "timed out".to_owned(),
        None => "the request could not be made".to_owned(),
    }
}

/// A registry's words, in one line of legible characters.
fn clean(text: &str) -> String {
    let one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line.take(MESSAGE_CHARS_MAX).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
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

    #[tokio::test(start_paused = true)]
    async fn an_error_document_that_never_ends_is_read_as_far_as_it_came() {
        use futures::{StreamExt as _, stream};
        let start = stream::iter([Ok::<_, std::io::Error>(r#"{"errors":[]}"#)]).chain(stream::pending());
        let body = reqwest::Body::wrap_stream(start);
        let answer = http::Response::builder().status(500).body(body).expect("an answer");
        assert_eq!(read_some(answer.into()).await, br#"{"errors":[]}"#);
    }

    #[test]
    fn no_secret_of_a_url_is_passed_on() {
        let url = Url::parse("https://user:canary@r.test/v2/a?_state=canary#canary").expect("a URL");
        assert_eq!(without_secrets(&url), "https://r.test/v2/a");
    }

    #[test]
    fn a_registrys_words_are_one_legible_line() {
        assert_eq!(clean("a\n::set-env\u{1b}[0m "), "a ::set-env [0m");
    }
}
