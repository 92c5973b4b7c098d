//! What registries differ in. The default is distribution 2.8.2.

use super::Refusal;
use super::table::PLAIN;

/// What a registry does, where registries differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// What its challenge asks for.
    pub login: Login,
    /// What its token server answers to a POST; none means a token.
    pub token_post: Option<u16>,
    /// What it answers to a known user without the right; none means a challenge for more scope.
    pub no_right: Option<Refusal>,
    /// What becomes of a write to a repository that is not there.
    pub creates: Creates,
    /// What it answers to whoever reads a repository that is not there.
    pub missing: Option<Refusal>,
    /// What it answers when a repository has no such manifest.
    pub unknown: Refusal,
    /// What it says to `HEAD` of a manifest.
    pub heads: Heads,
    /// Where the bytes of blobs are.
    pub blobs_at: BlobsAt,
    /// What it counts.
    pub quota: Quota,
    /// What it says to a POST that asks for a mount.
    pub mounts: Mounts,
    /// How bytes are taken.
    pub uploads: Uploads,
    /// Parts of media types that it takes no manifest of, and what it says to them.
    pub refuses: &'static [(&'static str, Refusal)],
    /// The status of a manifest that was taken.
    pub manifest_status: u16,
    /// What becomes of a manifest that arrives before what it reaches.
    pub children: Children,
    /// What it answers to whoever writes a tag that is protected.
    pub protected: Refusal,
    /// Whether that is so too when the tag names the very manifest already.
    pub same_digest: SameDigest,
    /// How a list of tags is cut into pages.
    pub paging: Paging,
    /// What a list of tags has beside tags.
    pub listed: Listed,
    /// The most tags that may be asked for at once, and what it says to whoever wants more.
    pub list_max: Option<(usize, Refusal)>,
    /// Whether the referrers API is there.
    pub referrers: Referrers,
    /// What becomes of tags beside a digest.
    pub tagging: Tagging,
    /// What it answers when there is no room.
    pub full: Refusal,
    /// What it answers when nothing may be written.
    pub read_only: Refusal,
    /// What it answers to whoever asks too often.
    pub throttled: Refusal,
}

/// How the bytes of blobs are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uploads {
    /// What a `Location` looks like.
    pub locations: Locations,
    /// The most bytes of one PUT: more is a 413.
    pub put_bytes_max: Option<u64>,
    /// What it answers to a PATCH; none means that it takes it.
    pub patch: Option<Refusal>,
    /// The most bytes of one PATCH with a `Content-Range`: more is a 416.
    pub patch_bytes_max: Option<u64>,
    /// Whether a PATCH must say how long it is.
    pub lengths: Lengths,
    /// Whether a piece must begin where the last one ended.
    pub offsets: Offsets,
    /// What the `Range` of an answer tells.
    pub ranges: Ranges,
    /// What becomes of the pieces before this one.
    pub appends: Appends,
}

/// What a challenge asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// A token of the registry's own server.
    Bearer,
    /// The password.
    Basic,
}

/// What becomes of a write to a repository that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creates {
    /// It is made.
    Always,
    /// It is made when the first part of its name is there: a project, a namespace.
    InProjects(Refusal),
    /// It must be there.
    Never(Refusal),
}

/// What `HEAD` of a manifest tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heads {
    /// As the specification has it.
    Digest,
    /// No `Docker-Content-Digest`.
    NoDigest,
}

/// Where the bytes of blobs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobsAt {
    /// At the registry.
    Home,
    /// At another origin, which refuses credentials: this status leads there.
    Elsewhere(u16),
}

/// What is counted, and refused when there was enough of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Nothing.
    None,
    /// GETs of manifests; the headers `ratelimit-…` tell what is left.
    ManifestGets,
}

/// What a POST that asks for a mount becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mounts {
    /// 201 where the other repository has the blob.
    Made,
    /// The begin of an upload, whatever there is.
    Begun,
}

/// What the `Location` of an upload looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Locations {
    /// `http://host:port/v2/…?_state=…`, as distribution does.
    #[default]
    Absolute,
    /// `/v2/…?_state=…`.
    Relative,
    /// `/v2/…` without a query, so that `digest` is the first parameter.
    Bare,
    /// `//host:port/v2/…?_state=…`.
    Schemeless,
}

/// Whether a PATCH must say how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lengths {
    /// It need not.
    Unsaid,
    /// Without a `Content-Length` it is a 400.
    Said,
}

/// Whether a piece must begin where the last one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offsets {
    /// Nobody looks: what comes is appended.
    Unchecked,
    /// Another `Content-Range` is a 416.
    Checked,
}

/// What the `Range` of an upload tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ranges {
    /// What is there.
    True,
    /// The end of the first piece, for ever.
    Stuck,
}

/// What becomes of the pieces before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appends {
    /// They stay.
    Kept,
    /// They are lost where this one has a `Content-Range`.
    Lost,
}

/// What becomes of a manifest that arrives before what it reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Children {
    /// 400 `MANIFEST_BLOB_UNKNOWN`, and the fixture fails the test as well.
    #[default]
    Required,
    /// 400 `MANIFEST_BLOB_UNKNOWN` only.
    Refused,
    /// 201, as registries that allow sparse indexes do.
    Unchecked,
}

/// What becomes of a protected tag that names the manifest already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameDigest {
    /// Nothing: that is a success.
    Taken,
    /// It is refused like any other.
    Refused,
}

/// How a list of tags is cut into pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Paging {
    /// Not at all: `n` and `last` are ignored, as distribution 2.8.2 does.
    #[default]
    Ignored,
    /// By `n`, at most this many at once, with a relative `Link`.
    Relative(usize),
    /// By `n`, at most this many at once, with an absolute `Link`.
    Absolute(usize),
    /// By `n`, at most this many at once, without a `Link`.
    Unlinked(usize),
    /// The same with a `Link` whose host and path are those of a place that nobody can reach.
    Misplaced(usize),
    /// At most this many at once, and the `Link` has a token instead of the last tag.
    Token(usize),
}

/// What a list of tags has beside tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Nothing.
    Tags,
    /// A null.
    Nulls,
    /// Digests and other names that are no tags.
    Strays,
    /// The digest of every manifest, with its tags: `manifest`.
    Digests,
}

/// What becomes of the tags that a PUT of a manifest names beside its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// Nothing: nobody looks at them.
    Ignored,
    /// 400.
    Refused,
    /// They are written, and `OCI-Tag` names them; more than this many are a 414.
    Taken {
        /// The most.
        most: usize,
    },
    /// The first of them are written.
    Some(usize),
}

/// Whether the referrers API is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Referrers {
    /// 404, and no `OCI-Subject`.
    #[default]
    Absent,
    /// The API, which ignores the filter by artifact type.
    Unfiltered,
    /// The API, which filters and says so.
    Filtered,
}

impl Default for Traits {
    fn default() -> Self {
        PLAIN
    }
}
