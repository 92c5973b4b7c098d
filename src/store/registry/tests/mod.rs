//! What tests below this room share.

mod outages;
pub mod overheard;

use super::answer::Asked;
use crate::failure::Operation;
use reqwest::{Method, Url};

/// A request for a blob at `url`.
pub(super) fn asked(url: &str) -> Asked {
    Asked {
        operation: Operation::BlobGet,
        repository: "r.test/a".into(),
        method: Method::GET,
        url: Url::parse(url).expect("a URL"),
        credential: None,
    }
}
