//! The names by which a bundle tells what is in it.

/// The name of an image: `registry/repository:tag` of its source. OCI image-spec, annotations.md.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// On an image or a referrer: the source, as a reference or a repository.
pub const SOURCE: &str = "io.crossdock.bundle.source";

/// On an image: JSON, a list of the references that it goes to. On a referrer: a list of repositories.
pub const TARGETS: &str = "io.crossdock.bundle.targets";

/// On a referrer: the digest of the manifest that it speaks about.
pub const SUBJECT: &str = "io.crossdock.bundle.subject";

/// On the index of a delta: the digests of the inventories that it was made against, parted by commas.
pub const BASE: &str = "io.crossdock.bundle.base";

/// The media type of the document that lists what a delta leaves out.
pub const LEFT_OUT_TYPE: &str = "application/vnd.crossdock.bundle.v1+json";

/// On the index: the SHA-256 of all of `index.json`, made with zeros in this place. Nothing else says what the
/// names in it have to be.
pub const SUM: &str = "io.crossdock.bundle.sum";
