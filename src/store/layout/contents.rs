//! What holds an OCI image layout, for reading: its index, and its blobs by their digests. A directory is one
//! such thing, and an archive another.

use super::directory::Directory;
use super::index::Index;
use crate::failure::{Failure, Fallible};
use crate::oci::{Descriptor, Digest, Place, Referrer};
use crate::store::BlobStream;
use crate::store::disk::blob;
use crate::store::disk::fault::Act;
use crate::store::disk::files::plain_size;
use crate::store::disk::stored::{damaged, missing, read_manifest, too_large};
use bytes::Bytes;
use std::fmt::Display;
use std::sync::Arc;

/// The content of a layout. Everything here may block.
pub(in crate::store) trait Contents: Send + Sync + 'static {
    /// Where it is.
    fn place(&self) -> Place;

    /// What its `index.json` is called in messages.
    fn index_name(&self) -> String;

    /// Its index; none where it has none.
    fn index(&self, act: &Act) -> Fallible<Option<Arc<Index>>>;

    /// The length of a blob in bytes; none when it is not there.
    fn size_bytes(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>>;

    /// The verified bytes of a manifest; none when it is not there.
    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>>;

    /// The bytes of a blob from `start` on; its size is checked now, and its bytes by whoever takes them.
    fn blob(&self, blob: &Descriptor, start: u64, act: &Act) -> Fallible<BlobStream>;

    /// The manifests that name `subject` as theirs; none where no list is kept.
    fn referrers(&self, _subject: &Digest, _act: &Act) -> Fallible<Option<Vec<Referrer>>> {
        Ok(None)
    }

    /// What a reader says of content that is there and cannot be used.
    fn blame(&self, digest: &Digest, fault: Fault<'_>, act: &Act) -> Box<Failure>;
}

/// What is wrong with content.
pub(in crate::store) enum Fault<'a> {
    /// It has to be there, and is not.
    Missing,
    /// It is larger than a manifest may be.
    TooLarge,
    /// It is not what it must be; why, in words.
    Damaged(&'a dyn Display),
}

impl Contents for Directory {
    fn place(&self) -> Place {
        Place::layout(self.paths.root())
    }

    fn index_name(&self) -> String {
        self.paths.index().display().to_string()
    }

    fn index(&self, act: &Act) -> Fallible<Option<Arc<Index>>> {
        Self::index(self, act)
    }

    fn size_bytes(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>> {
        let path = self.paths.blob(digest);
        plain_size(&path).map_err(|e| act.io("look at", &path, &e))
    }

    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
        read_manifest(&self.paths.blob(digest), digest, act)
    }

    fn blob(&self, blob: &Descriptor, start: u64, act: &Act) -> Fallible<BlobStream> {
        blob::open(self.paths.blob(&blob.digest), blob, start, act)
    }

    fn blame(&self, digest: &Digest, fault: Fault<'_>, act: &Act) -> Box<Failure> {
        let path = self.paths.blob(digest);
        match fault {
            Fault::Missing => missing(&path, act),
            Fault::TooLarge => too_large(&path, act),
            Fault::Damaged(why) => damaged(&path, &why.to_string(), act),
        }
    }
}
