//! How a registry says no, as data.

use crate::bed::memory::Canned;
use crate::bed::memory::answer::Answer;
use serde_json::json;

/// An answer that refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// The code of the error document; none means a plain text.
    pub code: Option<&'static str>,
    /// What it says; `{repository}` and `{tag}` stand for what was asked for.
    pub message: &'static str,
    /// The `detail` of the error document.
    pub detail: Option<&'static str>,
    /// A `Retry-After`, in seconds.
    pub retry_after_s: Option<u32>,
}

impl Refusal {
    /// A refusal with an error document.
    pub const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self { status, code: Some(code), message, detail: None, retry_after_s: None }
    }

    /// A refusal in plain words.
    pub(super) const fn text(status: u16, message: &'static str) -> Self {
        Self { status, code: None, message, detail: None, retry_after_s: None }
    }

    /// The answer about a repository and a tag of it.
    pub(in crate::bed::memory) fn answer(&self, repository: &str, tag: &str) -> Answer {
        let filled = |text: &str| text.replace("{repository}", repository).replace("{tag}", tag);
        let mut answer = match self.code {
            None => Answer::bytes(self.status, filled(self.message)).header("content-type", "text/plain"),
            Some(code) => {
                let mut error = json!({ "code": code, "message": filled(self.message) });
                if let Some(detail) = self.detail {
                    error["detail"] = json!(filled(detail));
                }
                Answer::json(self.status, &json!({ "errors": [error] }))
            }
        };
        if let Some(seconds) = self.retry_after_s {
            answer = answer.header("retry-after", seconds.to_string());
        }
        answer
    }

    /// The same for a rule.
    pub(super) fn canned(&self) -> Canned {
        let canned = Canned::new(self.status);
        let canned = match self.code {
            None => canned.body(self.message),
            Some(code) => canned.error(code, self.message),
        };
        match self.retry_after_s {
            Some(seconds) => canned.header("retry-after", &seconds.to_string()),
            None => canned,
        }
    }
}
