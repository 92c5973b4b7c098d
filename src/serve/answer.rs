//! Answers, and what they all carry. distribution-spec, "Error Codes".

use super::body::Body;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;

/// What clients of docker look for before they speak to a registry.
const API_VERSION: (HeaderName, &str) =
    (HeaderName::from_static("docker-distribution-api-version"), "registry/2.0");
/// The digest of what is answered with.
pub(super) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
/// By what a list of referrers was filtered.
pub(super) const FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");

/// Why a request gets nothing of what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn no_endpoint() -> Self {
        let message = "there is no such endpoint: this is a registry that can only be pulled from";
        Self::new(StatusCode::NOT_FOUND, "UNSUPPORTED", message)
    }

    /// Whatever would change something.
    pub(super) fn read_only() -> Self {
        let message = "this is `crossdock serve`, which can only be pulled from: nothing is pushed to it, \
                       deleted or changed; push to the registry that it is to be copied to";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", message)
    }

    pub(super) fn unauthorized() -> Self {
        let message = "a name and a password are asked for, and these are none that are known";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
    }

    pub(super) fn name_invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "NAME_INVALID", message)
    }

    pub(super) fn digest_invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "DIGEST_INVALID", message)
    }

    pub(super) fn page_invalid() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PAGINATION_NUMBER_INVALID", "`n` has to be a number")
    }

    pub(super) fn name_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NAME_UNKNOWN", "no such repository is served here")
    }

    pub(super) fn manifest_unknown(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", message)
    }

    pub(super) fn blob_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "BLOB_UNKNOWN", "no such blob is served here")
    }

    /// The place cannot be read; the log says why, and who asks need not know where files are.
    pub(super) fn unreadable() -> Self {
        let message = "what was asked for is damaged or cannot be read here; the log of the server says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", message)
    }

    pub(super) fn answer(self) -> Response<Body> {
        let Self { status, code, message } = self;
        let text = json!({ "errors": [{ "code": code, "message": message, "detail": null }] }).to_string();
        let mut answer = document(status, "application/json", text);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            set(&mut answer, header::ALLOW, "GET, HEAD");
        }
        if status == StatusCode::UNAUTHORIZED {
            set(&mut answer, header::WWW_AUTHENTICATE, "Basic realm=\"crossdock serve\", charset=\"UTF-8\"");
        }
        answer
    }
}

/// An answer without a body, and with what all answers have.
pub(super) fn bare(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::Nothing);
    *answer.status_mut() = status;
    let (name, value) = API_VERSION;
    set(&mut answer, name, value);
    // What is served is no page: no browser shall make one of it.
    set(&mut answer, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    answer
}

/// An answer with a whole document.
pub(super) fn document(
    status: StatusCode,
    media_type: &str,
    text: impl Into<bytes::Bytes>,
) -> Response<Body> {
    let (mut answer, text) = (bare(status), text.into());
    set(&mut answer, header::CONTENT_TYPE, media_type);
    set(&mut answer, header::CONTENT_LENGTH, &text.len().to_string());
    *answer.body_mut() = Body::Text(Some(text));
    answer
}

/// Sets a header; what no header can hold is left out.
pub(super) fn set(answer: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}
