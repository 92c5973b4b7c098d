//! Failures: what went wrong while doing, as facts with fields. Never holds a secret.

use crate::oci::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// The result of whatever can go wrong against a store.
pub type Fallible<T> = Result<T, Box<Failure>>;

/// One thing that went wrong: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong, stable across versions.
    pub code: Code,
    /// At which end of the mapping; unknown inside a store.
    pub side: Option<Side>,
    /// The repository that was spoken to.
    pub repository: String,
    /// What was being done.
    pub operation: Operation,
    /// What happened, in one sentence without the fields of this struct.
    pub message: String,
    /// The answer of the registry, where there was one.
    pub http: Option<HttpFacts>,
    /// Which credential was used, in words and without its secret: `user bob, from the spec`.
    pub credential: Option<String>,
    /// What the user can do about it.
    pub hint: Option<String>,
    /// How long the registry asked to be left alone.
    pub retry_after: Option<Duration>,
    /// Content that the registry named in its refusal, such as what it does not know; foreign, and often
    /// nothing.
    pub named: Vec<Digest>,
    /// Whether whoever failed has tried already as often as that is worth.
    pub tried: Tried,
}

/// How often something was tried that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// Another attempt may help, where the code says that it may pass.
    Some,
    /// As often as it is worth: six times six is not more patient than six, only more.
    Enough,
}

/// What the registry answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpFacts {
    /// The method of the request.
    pub method: String,
    /// The URL without query, user and fragment: those can hold secrets.
    pub url: String,
    /// The status of the answer; none when there was no answer.
    pub status: Option<u16>,
    /// The code in the registry's own error document, such as `MANIFEST_UNKNOWN`.
    pub registry_code: Option<String>,
}

/// The two ends of a mapping.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Where images are read.
    Source,
    /// Where images are written.
    Target,
}

/// What was being done when it went wrong; also the unit in which requests are counted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Getting a token.
    Token,
    /// Asking `/v2/` how to authenticate.
    Ping,
    /// Listing repositories.
    Catalog,
    /// Making a repository, or what it lies in.
    Create,
    /// Listing tags.
    TagList,
    /// Listing the referrers of a manifest.
    ReferrerList,
    /// HEAD of a manifest.
    ManifestHead,
    /// GET of a manifest.
    ManifestGet,
    /// PUT of a manifest.
    ManifestPut,
    /// HEAD of a blob.
    BlobHead,
    /// GET of a blob.
    BlobGet,
    /// POST that starts an upload, and mounts where it can; GET that asks how far an upload came, and
    /// DELETE that gives it back.
    UploadStart,
    /// PUT or PATCH of a blob's bytes, and the PUT that ends an upload in pieces.
    BlobPut,
    /// GET of a file that is in no registry.
    Download,
    /// Opening a store: its directory, certificates or credentials.
    Open,
    /// Comparing source and target.
    Compare,
    /// Letting a filter decide.
    Filter,
    /// Ending a run early.
    Stop,
}

/// Codes of failures. They only grow in number; none changes its meaning.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The registry wants credentials, or refuses the ones it was given.
    Unauthenticated,
    /// The credentials are valid but not sufficient.
    Denied,
    /// A credential could not be had: helper, file or environment.
    CredentialUnavailable,
    /// The source has no such tag, digest or repository.
    NotFound,
    /// The target has no such repository, and does not create it on push.
    RepositoryMissing,
    /// No connection, or it broke.
    Network,
    /// The certificate of the registry was not accepted.
    Tls,
    /// Nothing came for too long.
    Timeout,
    /// No name server knows the name of the host.
    UnknownHost,
    /// The proxy between us and the host refuses.
    Proxy,
    /// The registry said 429.
    Throttled,
    /// The quota that the registry counts in hours is used up, but for what is left for others.
    Quota,
    /// The registry had an error of its own (5xx).
    ServerError,
    /// Content did not have the digest or the length that it must have.
    Corrupt,
    /// An answer that the protocol does not allow.
    Protocol,
    /// A document is larger than its limit, or a graph deeper or wider.
    LimitExceeded,
    /// The target does not take this kind of manifest.
    UnsupportedManifest,
    /// The target keeps a tag that may not be changed.
    ImmutableTag,
    /// The target does not know content that it got, or said that it had, however often it was sent.
    ContentUnknown,
    /// Content at the target is missing or wrong, whatever the target says when it is asked for it.
    Damaged,
    /// The target has no room left.
    TargetFull,
    /// The target does not let anything be written.
    ReadOnly,
    /// The source tag has moved since the plan was made.
    SourceMoved,
    /// The target tag has moved since the plan was made, or since it was looked at.
    TargetMoved,
    /// The target tag was written, and named something else at the end of the run.
    MovedUnderUs,
    /// The policy of the spec forbids it.
    Refused,
    /// A filter could not decide, or decided what cannot be.
    Filter,
    /// A file could not be read or written.
    Io,
    /// Stopped by a signal.
    Cancelled,
    /// The deadline came first.
    Deadline,
    /// What was asked for is not supported yet.
    NotYet,
    /// A mistake of ours.
    Internal,
}

/// Coarse kinds of failures, which decide the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Authentication or authorisation.
    Denied,
    /// A stop by policy, or a plan gone stale.
    Refused,
    /// Not done for want of time or of a quota: run again to go on.
    Deferred,
    /// What was asked for is not there.
    Missing,
    /// May be over when tried again: network, throttling, 5xx.
    Transient,
    /// The content or the answers are wrong.
    Corrupt,
    /// Anything else.
    Other,
}

impl Code {
    /// The stable text of the code, as in the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Denied => "denied",
            Self::CredentialUnavailable => "credential_unavailable",
            Self::NotFound => "not_found",
            Self::RepositoryMissing => "repository_missing",
            Self::Network => "network",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::UnknownHost => "unknown_host",
            Self::Proxy => "proxy",
            Self::Throttled => "throttled",
            Self::Quota => "quota",
            Self::ServerError => "server_error",
            Self::Corrupt => "corrupt",
            Self::Protocol => "protocol",
            Self::LimitExceeded => "limit_exceeded",
            Self::UnsupportedManifest => "unsupported_manifest",
            Self::ImmutableTag => "immutable_tag",
            Self::ContentUnknown => "content_unknown",
            Self::Damaged => "damaged",
            Self::TargetFull => "target_full",
            Self::ReadOnly => "read_only",
            Self::SourceMoved => "source_moved",
            Self::TargetMoved => "target_moved",
            Self::MovedUnderUs => "moved_under_us",
            Self::Refused => "refused",
            Self::Filter => "filter",
            Self::Io => "io",
            Self::Cancelled => "cancelled",
            Self::Deadline => "deadline",
            Self::NotYet => "not_yet",
            Self::Internal => "internal",
        }
    }

    /// The class that the code belongs to.
    pub fn class(self) -> Class {
        match self {
            Self::Unauthenticated | Self::Denied | Self::CredentialUnavailable => Class::Denied,
            Self::SourceMoved
            | Self::TargetMoved
            | Self::MovedUnderUs
            | Self::Refused
            | Self::ImmutableTag => Class::Refused,
            Self::Cancelled | Self::Deadline | Self::Quota => Class::Deferred,
            Self::NotFound | Self::RepositoryMissing => Class::Missing,
            Self::Network | Self::Timeout | Self::UnknownHost | Self::Throttled | Self::ServerError => {
                Class::Transient
            }
            Self::Corrupt | Self::Protocol | Self::LimitExceeded | Self::ContentUnknown | Self::Damaged => {
                Class::Corrupt
            }
            Self::Tls
            | Self::Proxy
            | Self::UnsupportedManifest
            | Self::TargetFull
            | Self::ReadOnly
            | Self::Io
            | Self::Filter
            | Self::NotYet
            | Self::Internal => Class::Other,
        }
    }
}

impl HttpFacts {
    /// The URL without query, fragment and user, even where whoever made this left one in.
    pub fn bare_url(&self) -> String {
        let end = self.url.find(['?', '#']).unwrap_or(self.url.len());
        let (scheme, rest) = self.url[..end].split_once("://").unwrap_or(("", &self.url[..end]));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        match scheme {
            "" => format!("{host}{path}"),
            scheme => format!("{scheme}://{host}{path}"),
        }
    }
}

impl Failure {
    /// A failure with nothing but the facts that every failure has.
    pub fn new(
        code: Code,
        repository: impl fmt::Display,
        operation: Operation,
        message: impl Into<String>,
    ) -> Box<Self> {
        Box::new(Self {
            code,
            side: None,
            repository: repository.to_string(),
            operation,
            message: message.into(),
            http: None,
            credential: None,
            hint: None,
            retry_after: None,
            named: Vec::new(),
            tried: Tried::Some,
        })
    }

    /// Says what the user can do.
    pub fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hint = Some(hint.into());
        self
    }

    /// Says at which end it happened, unless that is known already.
    pub fn on(mut self: Box<Self>, side: Side) -> Box<Self> {
        self.side.get_or_insert(side);
        self
    }

    /// Whether the same request may succeed when it is made again.
    pub fn retryable(&self) -> bool {
        self.code.class() == Class::Transient
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(side) = self.side {
            write!(f, "{side} ")?;
        }
        write!(f, "{}: {}", self.repository, self.message)?;
        if let Some(http @ HttpFacts { method, url: _, status, registry_code }) = &self.http {
            write!(f, " ({method} {}", http.bare_url())?;
            if let Some(status) = status {
                write!(f, " answered {status}")?;
            }
            if let Some(code) = registry_code {
                write!(f, " {code}")?;
            }
            f.write_str(")")?;
        }
        if let Some(credential) = &self.credential {
            write!(f, " [{credential}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_can_hold_a_secret() {
        let shown = |url: &str| {
            let url = url.to_owned();
            HttpFacts { method: "GET".to_owned(), url, status: None, registry_code: None }.bare_url()
        };
        for url in
            ["https://u:secret@h:1/v2/a?_state=secret#secret", "https://h:1/v2/a#secret", "https://h:1/v2/a"]
        {
            assert_eq!(shown(url), "https://h:1/v2/a");
        }
        assert_eq!(shown("https://a:b@secret@h?x"), "https://h");
        assert_eq!(shown("/v2/a@b?x"), "/v2/a@b");
    }
}
