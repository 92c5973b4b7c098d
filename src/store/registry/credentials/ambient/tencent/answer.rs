//! What the API of Tencent Cloud answers: what was asked for, or an error, and either with the status 200.

use crate::failure::Code;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Tencent Cloud API, "Responses".
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "Response", borrow)]
    response: &'a RawValue,
}

#[derive(Deserialize)]
struct Failed {
    #[serde(rename = "Error")]
    error: Option<Error>,
}

#[derive(Deserialize)]
struct Error {
    #[serde(rename = "Code")]
    code: String,
}

/// What an answer says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer<'a> {
    /// What was asked for, as JSON.
    Done(&'a str),
    /// An error, by its code.
    Refused(String),
}

/// Reads an answer; none when it is not one of this API.
pub(super) fn read(body: &[u8]) -> Option<Answer<'_>> {
    let Envelope { response } = serde_json::from_slice(body).ok()?;
    let Failed { error } = serde_json::from_str(response.get()).ok()?;
    Some(match error {
        Some(Error { code }) => Answer::Refused(code),
        None => Answer::Done(response.get()),
    })
}

/// What an error means. Tencent Cloud API, "Common error codes".
pub(super) fn meaning(code: &str) -> Code {
    match code.split('.').next().unwrap_or_default() {
        "UnauthorizedOperation" => Code::Denied,
        "AuthFailure" if code.ends_with(".UnauthorizedOperation") => Code::Denied,
        "AuthFailure" => Code::CredentialUnavailable,
        "RequestLimitExceeded" => Code::Throttled,
        "InternalError" => Code::ServerError,
        "ResourceNotFound" => Code::NotFound,
        "LimitExceeded" => Code::TargetFull,
        _ => Code::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_no_answer_whatever_its_status_was() {
        let done = br#"{"Response":{"TotalCount":1,"RequestId":"r"}}"#;
        assert_eq!(read(done), Some(Answer::Done(r#"{"TotalCount":1,"RequestId":"r"}"#)));
        let refused =
            br#"{"Response":{"Error":{"Code":"AuthFailure.SecretIdNotFound","Message":"m"},"RequestId":"r"}}"#;
        assert_eq!(read(refused), Some(Answer::Refused("AuthFailure.SecretIdNotFound".to_owned())));
        for wrong in
            ["", "{}", "null", r#"{"Response":null}"#, r#"{"Response":{"Error":{"Code":7}}}"#, "<html>"]
        {
            assert_eq!(read(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn codes_mean_what_stands_before_their_dot() {
        for (code, expected) in [
            ("RequestLimitExceeded", Code::Throttled),
            ("RequestLimitExceeded.UinLimitExceeded", Code::Throttled),
            ("InternalError.DbError", Code::ServerError),
            ("ResourceNotFound.ErrNoNamespace", Code::NotFound),
            ("LimitExceeded.ErrNamespaceMaxLimit", Code::TargetFull),
            ("AuthFailure.SignatureExpire", Code::CredentialUnavailable),
            ("AuthFailure.UnauthorizedOperation", Code::Denied),
            ("UnauthorizedOperation.ErrorTcrUnauthorized", Code::Denied),
            ("InvalidParameter", Code::Refused),
            ("", Code::Refused),
        ] {
            assert_eq!(meaning(code), expected, "{code}");
        }
    }
}
