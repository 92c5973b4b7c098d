//! Reads a path into what it asks for. Knows no contents.

use super::RequestKind;
use crate::bed::digest::is_digest;
use hyper::Method;
use regex::Regex;
use std::sync::LazyLock;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Ping,
    Token,
    Tags { name: String },
    Manifest { name: String, at: String },
    Blob { name: String, digest: String },
    Uploads { name: String },
    Upload { name: String, id: String },
    Referrers { name: String, digest: String },
    Stored { digest: String },
    Unknown,
}

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let part = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    Regex::new(&format!("^{part}(?:/{part})*$")).expect("a valid pattern")
});
static TAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$").expect("a valid pattern"));

impl Route {
    /// Reads the path of a request. Names follow distribution-spec, "Pulling manifests".
    pub(super) fn parse(path: &str) -> Self {
        if path == "/token" {
            return Self::Token;
        }
        if let Some(digest) = path.strip_prefix("/storage/") {
            return Self::Stored { digest: digest.to_owned() };
        }
        let Some(rest) = path.strip_prefix("/v2/") else {
            return if path == "/v2" { Self::Ping } else { Self::Unknown };
        };
        if rest.is_empty() {
            return Self::Ping;
        }
        let parts: Vec<&str> = rest.split('/').collect();
        let (name_parts, route): (usize, fn(String, String) -> Self) = match parts.as_slice() {
            [.., "blobs", "uploads", ""] => (3, |name, _| Self::Uploads { name }),
            [.., "blobs", "uploads"] => (2, |name, _| Self::Uploads { name }),
            [.., "blobs", "uploads", _] => (3, |name, id| Self::Upload { name, id }),
            [.., "tags", "list"] => (2, |name, _| Self::Tags { name }),
            [.., "manifests", _] => (2, |name, at| Self::Manifest { name, at }),
            [.., "blobs", _] => (2, |name, digest| Self::Blob { name, digest }),
            [.., "referrers", _] => (2, |name, digest| Self::Referrers { name, digest }),
            _ => return Self::Unknown,
        };
        let name = parts[..parts.len() - name_parts].join("/");
        let last = parts.last().copied().unwrap_or_default().to_owned();
        match route(name.clone(), last) {
            _ if !NAME.is_match(&name) => Self::Unknown,
            Self::Manifest { at, .. } if !TAG.is_match(&at) && !is_digest(&at) => Self::Unknown,
            route => route,
        }
    }

    /// The repository that the path names.
    pub(super) fn repository(&self) -> Option<&str> {
        match self {
            Self::Ping | Self::Token | Self::Stored { .. } | Self::Unknown => None,
            Self::Tags { name }
            | Self::Manifest { name, .. }
            | Self::Blob { name, .. }
            | Self::Uploads { name }
            | Self::Upload { name, .. }
            | Self::Referrers { name, .. } => Some(name),
        }
    }

    /// What a request with this method does; `mounts` says whether it asks for a mount.
    pub(super) fn kind(&self, method: &Method, mounts: bool) -> RequestKind {
        match (self, method.as_str()) {
            (Self::Ping, "GET" | "HEAD") => RequestKind::Ping,
            (Self::Token, "GET" | "POST") => RequestKind::Token,
            (Self::Tags { .. }, "GET") => RequestKind::TagList,
            (Self::Manifest { .. }, "HEAD") => RequestKind::ManifestHead,
            (Self::Manifest { .. }, "GET") => RequestKind::ManifestGet,
            (Self::Manifest { .. }, "PUT") => RequestKind::ManifestPut,
            (Self::Blob { .. }, "HEAD") => RequestKind::BlobHead,
            (Self::Blob { .. }, "GET") => RequestKind::BlobGet,
            (Self::Uploads { .. }, "POST") if mounts => RequestKind::Mount,
            (Self::Uploads { .. }, "POST") => RequestKind::UploadStart,
            (Self::Upload { .. }, "PATCH") => RequestKind::UploadPatch,
            (Self::Upload { .. }, "PUT") => RequestKind::UploadPut,
            (Self::Upload { .. }, "GET" | "HEAD") => RequestKind::UploadStatus,
            (Self::Upload { .. }, "DELETE") => RequestKind::UploadDelete,
            (Self::Referrers { .. }, "GET") => RequestKind::ReferrersGet,
            (Self::Stored { .. }, "GET") => RequestKind::StorageGet,
            _ => RequestKind::Other,
        }
    }
}
