//! A directory in which compiled components are kept. The one file of this room that touches files.

use super::stored::{self, STORED_BYTES_MAX};
use crate::oci::Digest;
use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;

/// Who may enter a directory that is made here: its owner.
const DIRECTORY_MODE: u32 = 0o700;
/// Who may not write in it: its group, and everybody.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// A directory in which compiled components are kept. See the warning of [`Cache::new`].
#[derive(Debug, Clone)]
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// A cache in `directory`, which is created for its owner alone when it is missing. What lies in
    /// it is native code that is run: whoever can write there can do what this program can do.
    ///
    /// A directory that others own or can write in is not used, nor is one that cannot be written: a
    /// warning in the log says so, and filters are compiled as without a cache. What lies in it is
    /// taken only if nothing of it was changed by accident; a change by intent is not noticed.
    /// Nothing is ever removed.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The component whose bytes have `digest`, as `machine` compiled it once.
    pub(super) fn find(&self, machine: &Engine, digest: &Digest) -> Option<Component> {
        let owner = match private(&self.directory) {
            Ok(owner) => owner,
            Err(why) => {
                let directory = self.directory.display();
                tracing::warn!("the cache of filters in {directory} is not used: {why}");
                return None;
            }
        };
        let path = self.path(machine, digest);
        let found = fs::symlink_metadata(&path).ok()?;
        let ours = found.is_file() && found.uid() == owner && found.mode() & WRITABLE_BY_OTHERS == 0;
        if !ours || found.len() > STORED_BYTES_MAX {
            return None;
        }
        stored::unpack(machine, &fs::read(&path).ok()?)
    }

    /// Keeps `component`. That this fails changes nothing but how long the next run takes.
    pub(super) fn keep(&self, machine: &Engine, digest: &Digest, component: &Component) {
        if private(&self.directory).is_err() {
            return;
        }
        if let Err(why) = self.write(machine, digest, component) {
            let directory = self.directory.display();
            tracing::warn!("a compiled filter could not be kept in {directory}: {why}");
        }
    }

    fn write(&self, machine: &Engine, digest: &Digest, component: &Component) -> io::Result<()> {
        let bytes = stored::pack(component).map_err(io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(&bytes)?;
        file.persist(self.path(machine, digest))?;
        Ok(())
    }

    /// Named by all that decides what the compiler makes of a component.
    fn path(&self, machine: &Engine, digest: &Digest) -> PathBuf {
        let version = env!("CARGO_PKG_VERSION");
        self.directory.join(format!("{}-{version}-{}.cwasm", digest.hex(), stored::made_by(machine).short()))
    }
}

/// Makes sure that `directory` is there and nobody else's, and says who owns it.
fn private(directory: &Path) -> Result<u32, String> {
    let text = |why: io::Error| why.to_string();
    DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(directory).map_err(text)?;
    let found = fs::metadata(directory).map_err(text)?;
    if found.mode() & WRITABLE_BY_OTHERS != 0 {
        return Err("others can write in it; `chmod go-w` changes that".to_owned());
    }
    // What is made by us is owned by us.
    let made = tempfile::tempfile_in(directory).and_then(|file| file.metadata()).map_err(text)?;
    if made.uid() == found.uid() { Ok(found.uid()) } else { Err("it belongs to somebody else".to_owned()) }
}
