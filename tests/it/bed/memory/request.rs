//! One recorded request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestKind {
    /// `GET /v2/`
    Ping,
    /// To the token server.
    Token,
    /// `GET …/tags/list`
    TagList,
    /// `HEAD …/manifests/…`
    ManifestHead,
    /// `GET …/manifests/…`
    ManifestGet,
    /// `PUT …/manifests/…`
    ManifestPut,
    /// `HEAD …/blobs/…`
    BlobHead,
    /// `GET …/blobs/…`
    BlobGet,
    /// `POST …/blobs/uploads/` with `mount`
    Mount,
    /// `POST …/blobs/uploads/` without `mount`
    UploadStart,
    /// `PATCH …/blobs/uploads/…`
    UploadPatch,
    /// `PUT …/blobs/uploads/…`
    UploadPut,
    /// `GET …/blobs/uploads/…`
    UploadStatus,
    /// `DELETE …/blobs/uploads/…`
    UploadDelete,
    /// `GET …/referrers/…`
    ReferrersGet,
    /// `GET` of a blob where a redirect led to
    StorageGet,
    /// Anything else.
    Other,
}

/// A request as the registry saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// When it arrived, as a number that grows with every arrival and every end.
    pub started: u64,
    /// When its answer was sent or its connection was dropped, on the same scale; none while it runs.
    pub finished: Option<u64>,
    /// Which connection it came over.
    pub connection: u64,
    /// What it does.
    pub kind: RequestKind,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers; names are in lower case.
    pub headers: Vec<(String, String)>,
    /// How many bytes of its body arrived.
    pub body_bytes: u64,
    /// How many bytes of the answer's body were sent.
    pub sent_bytes: u64,
    /// The status of the answer; none when there was none.
    pub status: Option<u16>,
}

/// What the `Authorization` header of a request holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// There is none.
    Absent,
    /// A user and a password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// A token.
    Bearer(String),
    /// Something else.
    Other(String),
}

impl RequestKind {
    /// Whether it changes something in the registry.
    pub fn is_write(self) -> bool {
        match self {
            Self::ManifestPut
            | Self::Mount
            | Self::UploadStart
            | Self::UploadPatch
            | Self::UploadPut
            | Self::UploadDelete => true,
            Self::Ping
            | Self::Token
            | Self::TagList
            | Self::ManifestHead
            | Self::ManifestGet
            | Self::BlobHead
            | Self::BlobGet
            | Self::UploadStatus
            | Self::ReferrersGet
            | Self::StorageGet
            | Self::Other => false,
        }
    }
}

impl Request {
    /// The first header of this name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first parameter of this name.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it changes something: every method but GET and HEAD, tokens apart.
    pub fn is_write(&self) -> bool {
        let reads = matches!(self.method.as_str(), "GET" | "HEAD") || self.kind == RequestKind::Token;
        self.kind.is_write() || !reads
    }

    /// The credentials that came with it.
    pub fn authorization(&self) -> Authorization {
        let Some(value) = self.header("authorization") else { return Authorization::Absent };
        let decoded = |text: &str| String::from_utf8(STANDARD.decode(text).ok()?).ok();
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Authorization::Bearer(token.to_owned())
            }
            Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => {
                match decoded(pair).as_deref().and_then(|pair| pair.split_once(':')) {
                    Some((user, password)) => {
                        Authorization::Basic { user: user.to_owned(), password: password.to_owned() }
                    }
                    None => Authorization::Other(value.to_owned()),
                }
            }
            _ => Authorization::Other(value.to_owned()),
        }
    }
}

impl fmt::Display for Request {
    /// `PUT /v2/app/manifests/1.0 201`, with the query only where it asks for a mount.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(digest) = self.query("mount") {
            write!(f, "?mount={digest}&from={}", self.query("from").unwrap_or_default())?;
        }
        match self.status {
            Some(status) => write!(f, " {status}"),
            None => f.write_str(" (no answer)"),
        }
    }
}
