//! Where content lives. Reading and writing are different types: what holds a [`Reader`] cannot
//! write, whatever it does.

pub mod archive;
pub mod backoff;
mod condition;
pub mod directory;
mod disk;
mod formed;
pub mod layout;
mod listing;
#[cfg(test)]
pub(crate) mod model;
mod place;
mod reads_by;
pub mod registry;
pub mod registry_data;
mod shelf;

pub use condition::{Condition, Depth};
pub use formed::Formed;
pub use listing::{Costs, Extent, Known, Listed, ListedReferrers, Listing, Lists, ManifestGets};
pub use place::{ReadPlace, WritePlace};
pub(crate) use reads_by::reads_by;
pub use shelf::Shelf;

use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Area, At, Descriptor, Digest, MediaType, RawManifest, Repository, StoreKey, Tag};
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use std::sync::Arc;
use url::Url;

/// Largest manifest that is read or written, in bytes. Registries take 4 MiB by default; what is
/// larger than this limit is not a manifest but an attack on memory.
pub const MANIFEST_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// How deep indexes may lie in indexes. One limit for all who follow them, so that what one takes,
/// the others take too.
pub const INDEX_DEPTH_MAX: u32 = 8;

/// Most manifests that one image may reach, each as often as it is named. Real images reach a few dozen;
/// what reaches more than this is an attack on memory and time. One limit for all, as above.
pub const IMAGE_MANIFESTS_MAX: usize = 100_000;

/// Most manifests that may speak about an image, each as often as it is found. Images that are signed,
/// attested and scanned on each platform have some dozen; what has more than this would be asked for
/// without end. One limit for all, as above.
pub const REFERRERS_MAX: usize = 1_000;

/// The bytes of a blob, piece by piece; not verified: whoever consumes them hashes them.
pub type BlobStream = BoxStream<'static, Result<Bytes, Box<Failure>>>;

/// What a store knows of a manifest without handing it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The digest of the manifest.
    pub digest: Digest,
    /// What it is.
    pub media_type: MediaType,
    /// Its length in bytes, where the store said so.
    pub size_bytes: Option<u64>,
}

/// One repository, for reading.
#[async_trait]
pub trait Reader: Send + Sync {
    /// The repository.
    fn repository(&self) -> &Repository;

    /// Every tag, sorted bytewise, each once; none when the repository does not exist.
    async fn tags(&self) -> Fallible<Option<Vec<Tag>>>;

    /// The same with all that one listing tells, in at most `pages_max` requests.
    async fn list(&self, _pages_max: usize) -> Fallible<Listed> {
        let tags = self.tags().await?;
        Ok(tags.map_or(Listed::Nowhere, |tags| Listed::Tags(Listing::of(tags))))
    }

    /// One page of the tags that come after `last`, for whoever doubts that a list was whole. Stores that
    /// ignore the question answer as always.
    async fn list_after(&self, _last: &Tag) -> Fallible<Listed> {
        Ok(Listed::Untold)
    }

    /// Every tag, the one that was pushed last first; none where the store does not tell.
    ///
    /// # Errors
    /// It tells, but not us, or not all of it.
    async fn pushed(&self) -> Fallible<Option<Vec<Tag>>> {
        Ok(None)
    }

    /// What is documented of how it is asked with few requests.
    fn costs(&self) -> Costs {
        Costs::default()
    }

    /// Whether a manifest that an index lists is not mirrored with it.
    fn leaves_out(&self, _manifest: &Digest) -> bool {
        false
    }

    /// What `at` names, without fetching it; none when it is not there.
    async fn head(&self, at: &At) -> Fallible<Option<Head>>;

    /// The manifest that `at` names, whole and verified against the digest where `at` is one; none
    /// when it is not there. At most [`MANIFEST_BYTES_MAX`].
    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>>;

    /// The manifests that name `subject` as theirs, as the store itself lists them.
    ///
    /// # Errors
    /// There is a list that cannot be had or read, or it has more than [`REFERRERS_MAX`].
    async fn referrers(&self, _subject: &Digest) -> Fallible<ListedReferrers> {
        Ok(ListedReferrers::default())
    }

    /// The bytes of a blob from `start` on; none when that is its end. What broke off on its way was
    /// asked for again where that can help: an error in the stream is the store's last word.
    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream>;

    /// In what condition a blob is that the repository may have.
    ///
    /// # Errors
    /// That cannot be told: the store does not answer, or does not let us read.
    async fn look_at(&self, blob: &Descriptor, _depth: Depth) -> Fallible<Condition> {
        condition::of_bytes(self.blob(blob, 0).await, blob).await
    }
}

/// One repository, for writing as well.
#[async_trait]
pub trait Writer: Reader {
    /// Makes a blob present, or opens an upload for it.
    ///
    /// `elsewhere` is another repository of the same store that holds the blob: it is mounted from
    /// there where the store can do that.
    async fn begin(&self, blob: &Descriptor, elsewhere: Option<&Repository>) -> Fallible<Begun>;

    /// Opens an upload for a blob whatever the store says that it has: for a blob that it shows and does
    /// not have. Nothing is believed on the way, neither a mount nor a HEAD.
    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun>;

    /// Stores a manifest under a tag or its digest. Everything that it reaches is there already.
    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<Subject>;

    /// How many tags of one manifest must wait for it to be worth writing them together, as far as is known
    /// now; none where each is written by itself.
    fn tags_together(&self) -> Option<usize> {
        None
    }

    /// Stores a manifest under its digest and several tags at once. Everything that it reaches is there
    /// already. Returns the tags that were written; each of the others must be written by itself, which tells
    /// why it was not.
    ///
    /// # Errors
    /// The store does not answer, or asks to be left alone.
    async fn put_tagged(&self, _tags: &[Tag], _manifest: &RawManifest) -> Fallible<Vec<Tag>> {
        Ok(Vec::new())
    }
}

/// What a store says of the subject of a manifest that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// It lists the manifest among the referrers of its subject.
    Listed,
    /// Nothing: whoever wants it listed writes the tag of the subject.
    Untold,
}

/// Opens repositories to look at. What holds one cannot write.
#[async_trait]
pub trait Sight: Send + Sync {
    /// A source.
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>>;
    /// A target, to see what it has; one that does not exist yet is empty.
    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>>;

    /// The names of the repositories of a source that lie in `area`, sorted, each once, by the grammar; others
    /// may stand among them. Whole, or a failure.
    async fn catalog(&self, area: &Area) -> Fallible<Vec<String>> {
        Err(Failure::new(Code::NotYet, area, Operation::Catalog, "this store lists no repositories"))
    }
}

/// Fetches files that are in no registry, beside looking at repositories.
#[async_trait]
pub trait Download: Sight {
    /// The file that an `https://` URL names, whole; it has at most `bytes_max` bytes. Nobody's
    /// credentials are sent, and no redirect leaves TLS. The bytes are not verified.
    async fn download(&self, url: &Url, bytes_max: u64) -> Fallible<Bytes>;
}

/// Opens repositories to copy between.
#[async_trait]
pub trait Reach: Send + Sync {
    /// A source.
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>>;
    /// A target, to write to.
    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Writer>>;

    /// Ends the places that appear as a whole: called once, when all entries are done. Returns those that
    /// could not be ended, and why; nothing that this run wrote is there.
    async fn finish(&self) -> Vec<(StoreKey, Box<Failure>)> {
        Vec::new()
    }
}

/// How a blob begins at a target.
pub enum Begun {
    /// It was there.
    Present,
    /// It was mounted from another repository of the same store.
    Mounted,
    /// Its bytes are needed.
    Upload(Box<dyn Upload>),
}

/// One blob on its way into a store. Dropped before [`Upload::commit`], nothing of it is ever seen.
#[async_trait]
pub trait Upload: Send {
    /// Readies the upload to take bytes: connections and places in a queue are taken here, in the
    /// order in which a caller opens its uploads.
    async fn open(&mut self) -> Fallible<()>;

    /// Hands over the next piece; returns when there is room for another.
    async fn write(&mut self, piece: Bytes) -> Fallible<()>;

    /// Makes the blob visible. Called only after every byte was written and verified.
    async fn commit(&mut self) -> Fallible<()>;

    /// Takes the upload back where the store lets us, so that nothing of it stays there. Best effort: it
    /// is made once, and nobody hears how it ended.
    async fn give_back(self: Box<Self>) {}

    /// What may come of an upload of which one of the methods above failed. Asks nobody.
    fn outlook(&self) -> Outlook {
        Outlook::Later { kept_bytes: 0 }
    }

    /// What is left of an upload of which one of the methods above failed.
    ///
    /// # Errors
    /// The store does not say, and was asked as often as that is worth.
    async fn resume(&mut self) -> Fallible<Resumed> {
        Ok(Resumed::Lost)
    }
}

/// What may come of an upload after it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// What was in its way is out of it: it is tried again at once, whatever the failure was.
    AtOnce,
    /// It is tried again after a pause, where the failure is one that passes.
    Later {
        /// So many bytes of the blob are at the store, as it said itself.
        kept_bytes: u64,
    },
}

/// What is left of an upload that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// All of it: the blob is there, and only the answer was lost.
    Present,
    /// The bytes before this offset: it is opened again, and goes on with the byte at the offset.
    /// Never more than was written to it.
    At(u64),
    /// Nothing: the blob is begun again.
    Lost,
}
