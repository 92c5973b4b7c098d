//! What a registry was asked: counted by itself, or read from the access log of a `docker-registry`.

use serde::Serialize;
use std::collections::BTreeMap;

/// Requests by what they are for, and bytes.
#[derive(Debug, Default, Clone, Serialize)]
pub(crate) struct Asked {
    pub(crate) requests: BTreeMap<String, u64>,
    /// Of blobs that were handed out.
    pub(crate) bytes_out: u64,
    /// Of blobs and manifests that came in. An access log does not tell, so it is 0 there.
    pub(crate) bytes_in: u64,
    /// How many requests were refused: too many at once, or not sent as they must be.
    pub(crate) refused: u64,
}

impl Asked {
    /// Reads lines in the combined log format; others are skipped.
    pub(crate) fn read(log: &str) -> Self {
        let mut asked = Self::default();
        for line in log.lines() {
            let mut quoted = line.split('"');
            let (Some(request), Some(answer)) = (quoted.nth(1), quoted.next()) else { continue };
            let mut request = request.split(' ');
            let (Some(method), Some(path)) = (request.next(), request.next()) else { continue };
            if !path.starts_with("/v2/") {
                continue;
            }
            let what = what(method, path);
            if what == "GET blob" {
                let bytes = answer.split_whitespace().nth(1).and_then(|bytes| bytes.parse::<u64>().ok());
                asked.bytes_out += bytes.unwrap_or(0);
            }
            if answer.trim_start().starts_with("429") {
                asked.refused += 1;
            }
            asked.count(what);
        }
        asked
    }

    pub(crate) fn count(&mut self, what: String) {
        *self.requests.entry(what).or_default() += 1;
    }

    pub(crate) fn total(&self) -> u64 {
        self.requests.values().sum()
    }
}

/// A request in two words: `HEAD manifest`, `POST mount`.
pub(crate) fn what(method: &str, path: &str) -> String {
    let noun = match path {
        "/v2/" => "ping",
        _ if path.contains("/manifests/") => "manifest",
        _ if path.contains("/tags/list") => "tags",
        _ if path.contains("/blobs/uploads/") && path.contains("mount=") => "mount",
        _ if path.contains("/blobs/uploads/") => "upload",
        _ if path.contains("/blobs/") => "blob",
        _ => "other",
    };
    format!("{method} {noun}")
}
