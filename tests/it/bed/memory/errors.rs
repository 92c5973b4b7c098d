//! The errors of the distribution specification, in the words of distribution 2.8.2.

use super::answer::Answer;
use serde_json::{Value, json};

/// An error with a code of the specification. distribution-spec, "Error Codes".
pub(super) fn error(status: u16, code: &str, message: &str, detail: Value) -> Answer {
    errors(status, code, message, vec![detail])
}

/// The same error once for every detail.
pub(super) fn errors(status: u16, code: &str, message: &str, details: Vec<Value>) -> Answer {
    let list: Vec<Value> = details
        .into_iter()
        .map(|detail| match detail {
            Value::Null => json!({ "code": code, "message": message }),
            detail => json!({ "code": code, "message": message, "detail": detail }),
        })
        .collect();
    Answer::json(status, &json!({ "errors": list }))
}

/// A path that no route knows.
pub(super) fn page_not_found() -> Answer {
    Answer::bytes(404, "404 page not found\n").header("content-type", "text/plain; charset=utf-8")
}

/// A method that the path does not take.
pub(super) fn unsupported() -> Answer {
    error(405, "UNSUPPORTED", "The operation is unsupported.", Value::Null)
}

pub(super) fn digest_invalid(detail: Value) -> Answer {
    error(400, "DIGEST_INVALID", "provided digest did not match uploaded content", detail)
}

pub(super) fn upload_unknown() -> Answer {
    error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", json!({}))
}
