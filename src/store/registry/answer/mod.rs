//! What an answer that is no success means: from status, headers and error document to a failure.

mod meaning;
mod unanswered;

pub(super) use unanswered::PROXY_AUTH_HINT;

use super::{named, pause};
use crate::failure::{Code, Failure, HttpFacts, Operation};
use crate::store::backoff::RETRY_AFTER_MAX;
use meaning::{classify, hint, wants_tls};
use reqwest::{Method, Url};
use serde::Deserialize;
use std::error::Error;
use std::time::{Duration, SystemTime};

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

    /// What a body that breaks off means.
    pub(super) fn broken(&self, error: &reqwest::Error) -> Box<Failure> {
        self.failure(Code::Network, format!("the body broke off: {}", causes(error)))
    }

    /// What an answer with an unexpected status means. Reads at most 64 KiB of its body.
    pub(super) async fn refused(&self, answer: reqwest::Response) -> Box<Failure> {
        let status = answer.status();
        let retry_after = pause::retry_after(answer.headers(), SystemTime::now());
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

/// The code of an error document, where it has one.
pub(super) fn listed_code(body: &[u8]) -> Option<String> {
    let document: Document = serde_json::from_slice(body).ok()?;
    Some(document.errors.into_iter().next()?.code)
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
