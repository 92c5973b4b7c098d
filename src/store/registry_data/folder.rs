//! An open directory of a registry's data: links read and followed to content. Reads only.

use super::link::{self, LINK_BYTES_MAX};
use super::paths::Paths;
use crate::failure::{Code, Fallible};
use crate::oci::{Digest, MediaType, RawManifest, RepositoryPath};
use crate::store::disk::fault::Act;
use crate::store::disk::files::{Opened, link_on_the_way, open_plain, plain_size, read_at_most};
use crate::store::disk::stored::{media_type_of, read_manifest};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a link that is empty is read again. A registry that runs beside us writes links in place,
/// so for an instant there is nothing in them.
const EMPTY_READS_MAX: u32 = 5;
/// How long to wait before that; the instant is much shorter.
const EMPTY_PAUSE: Duration = Duration::from_millis(10);

/// A directory of data, shared by everything that reads or writes it.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) paths: Paths,
}

impl Folder {
    /// The digest in a link; none when there is no such file. May block.
    pub(super) fn link(&self, path: &Path, act: &Act) -> Fallible<Option<Digest>> {
        let mut reads = 0;
        let bytes = loop {
            let Some(bytes) = self.read_link(path, act)? else { return Ok(None) };
            reads += 1;
            if !bytes.is_empty() || reads > EMPTY_READS_MAX {
                break bytes;
            }
            std::thread::sleep(EMPTY_PAUSE);
        };
        let digest = link::read(&bytes).map_err(|why| {
            act.fail(Code::Corrupt, format!("{} cannot be used: {why}", path.display()))
                .hint("write the image there again; crossdock replaces what is damaged")
        })?;
        Ok(Some(digest))
    }

    fn read_link(&self, path: &Path, act: &Act) -> Fallible<Option<Vec<u8>>> {
        self.refuse_links(path, act)?;
        let file = match open_plain(path).map_err(|e| act.io("open", path, &e))? {
            Opened::File(file, _) => file,
            Opened::Absent => return Ok(None),
            Opened::Irregular(what) => return Err(act.irregular(path, what)),
        };
        let bytes = read_at_most(&file, LINK_BYTES_MAX).map_err(|e| act.io("read", path, &e))?;
        Ok(Some(bytes.unwrap_or_else(|| b"too long".to_vec())))
    }

    /// Symbolic links inside the data could lead reading and writing anywhere.
    pub(super) fn refuse_links(&self, path: &Path, act: &Act) -> Fallible<()> {
        match link_on_the_way(self.paths.root(), path).map_err(|e| act.io("look at", path, &e))? {
            Some(found) => Err(act.irregular(&found, "a symbolic link")),
            None => Ok(()),
        }
    }

    /// The file of content that a link names, with its length in bytes; none when the link or the file
    /// is not there. The link may hold another digest: distribution keeps by SHA-256 what was pushed
    /// by SHA-512.
    pub(super) fn follow(&self, link: &Path, act: &Act) -> Fallible<Option<(PathBuf, u64)>> {
        let Some(digest) = self.link(link, act)? else { return Ok(None) };
        let path = self.paths.data(&digest);
        Ok(self.size_of(&path, act)?.map(|size_bytes| (path, size_bytes)))
    }

    /// The length of a file of content in bytes; none when it is not there.
    pub(super) fn size_of(&self, path: &Path, act: &Act) -> Fallible<Option<u64>> {
        self.refuse_links(path, act)?;
        plain_size(path).map_err(|e| act.io("look at", path, &e))
    }

    /// The verified bytes of a manifest that a repository has; none when it has none.
    pub(super) fn manifest_bytes(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
        act: &Act,
    ) -> Fallible<Option<Bytes>> {
        match self.follow(&self.paths.revision(repository, digest), act)? {
            Some((path, _)) => read_manifest(&path, digest, act),
            None => Ok(None),
        }
    }

    /// A manifest that a repository has; none when it has none.
    ///
    /// Nothing but its bytes says what it is: registries of distribution read them likewise.
    pub(super) fn manifest(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
        act: &Act,
    ) -> Fallible<Option<RawManifest>> {
        let Some(bytes) = self.manifest_bytes(repository, digest, act)? else { return Ok(None) };
        let media_type = media_type_of(&bytes).ok_or_else(|| unknown(digest, act))?;
        Ok(Some(RawManifest { media_type, digest: digest.clone(), bytes }))
    }
}

/// Whether a registry of distribution would take a document for what it is said to be.
pub(super) fn is_served_as(bytes: &[u8], media_type: &MediaType) -> bool {
    const ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
    media_type.is_manifest()
        && media_type.as_str() != ARTIFACT
        && media_type_of(bytes).as_ref() == Some(media_type)
}

fn unknown(digest: &Digest, act: &Act) -> Box<crate::failure::Failure> {
    let message =
        format!("{digest} is no manifest of a kind that is known, such as one of Docker's schema 1");
    act.fail(Code::UnsupportedManifest, message).hint("build and push that image again with a current tool")
}
