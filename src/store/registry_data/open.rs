//! Opening the data of a registry, for reading only or for writing as well.

use super::folder::Folder;
use super::names::names;
use super::paths::{BELOW, Paths};
use super::reader::DataReader;
use super::storing::Storing;
use super::writer::DataWriter;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Descriptor, Digest, LayoutName, RepositoryPath};
use crate::store::disk::blob;
use crate::store::disk::fault::Act;
use crate::store::disk::files::is_vacant;
use crate::store::disk::session::Session;
use crate::store::{BlobStream, ReadPlace, Reader, WritePlace, Writer};
use async_trait::async_trait;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The data of a registry, opened once per run for reading and shared by its repositories.
pub struct ReadRegistryData {
    place: PathBuf,
    folder: Arc<Folder>,
}

/// The data of a registry, opened once per run for writing and shared by its repositories.
///
/// Any number of processes may write to it at the same time, and the registry may run.
pub struct WriteRegistryData {
    place: PathBuf,
    storing: Arc<Storing>,
}

/// What there is at a path.
enum Found {
    /// Data, in this directory.
    Data(PathBuf),
    /// Nothing, or an empty directory: data can begin in this directory.
    Vacant(PathBuf),
}

impl ReadRegistryData {
    /// Opens data that must be there, as a source must. `place` is the directory that the registry was
    /// given, or the directory `docker/registry/v2` in it.
    ///
    /// # Errors
    /// `NotFound` when there is no data, `Io` when it cannot be read or holds links.
    pub async fn open(place: &Path) -> Fallible<Self> {
        Self::open_where(place, |found, act| match found {
            Found::Data(root) => Ok(root),
            Found::Vacant(root) => Err(no_data(&root, act)),
        })
        .await
    }

    /// Opens data that may not be there yet, as a target may: a directory that is missing or empty has
    /// no repositories.
    ///
    /// # Errors
    /// As [`ReadRegistryData::open`]; a directory that holds something else is a failure here too.
    pub async fn open_or_vacant(place: &Path) -> Fallible<Self> {
        Self::open_where(place, |found, _| match found {
            Found::Data(root) | Found::Vacant(root) => Ok(root),
        })
        .await
    }

    async fn open_where(
        place: &Path,
        choose: impl FnOnce(Found, &Act) -> Fallible<PathBuf> + Send + 'static,
    ) -> Fallible<Self> {
        let asked = place.to_owned();
        let root = opening(place).blocking(move |act| choose(look(&asked, act)?, act)).await?;
        Ok(Self { place: place.to_owned(), folder: Arc::new(Folder { paths: Paths::new(root) }) })
    }
}

impl WriteRegistryData {
    /// Opens data for writing, and begins it where nothing is. What dead writers of ours left behind is
    /// removed.
    ///
    /// # Errors
    /// `NotFound` when the directory holds something else, `TargetFull`, `ReadOnly` or `Io` when it
    /// cannot be written.
    pub async fn open(place: &Path) -> Fallible<Self> {
        let asked = place.to_owned();
        let storing = opening(place).blocking(move |act| open_for_writing(&asked, act)).await?;
        Ok(Self { place: place.to_owned(), storing: Arc::new(storing) })
    }
}

#[async_trait]
impl ReadPlace for ReadRegistryData {
    fn reader(&self, name: Option<LayoutName>) -> Arc<dyn Reader> {
        Arc::new(DataReader::new(&self.folder, &self.place, path(name)))
    }

    async fn names(&self) -> Fallible<Vec<String>> {
        let folder = Arc::clone(&self.folder);
        let act = Act::new(told(&self.place), Operation::Catalog);
        act.blocking(move |act| names(&folder, act)).await
    }

    /// Found where the bytes lie, whichever repositories link to them. What distribution keeps under another
    /// digest than it was pushed by is not found.
    async fn blob_size(&self, blob: &Digest) -> Fallible<Option<u64>> {
        let (folder, path) = (Arc::clone(&self.folder), self.folder.paths.data(blob));
        let act = Act::new(told(&self.place), Operation::BlobHead);
        act.blocking(move |act| folder.size_of(&path, act)).await
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        let (folder, path, blob) =
            (Arc::clone(&self.folder), self.folder.paths.data(&blob.digest), blob.clone());
        let open = move |act: &Act| {
            folder.refuse_links(&path, act)?;
            blob::open(path, &blob, start, act)
        };
        Act::new(told(&self.place), Operation::BlobGet).blocking(open).await
    }
}

#[async_trait]
impl WritePlace for WriteRegistryData {
    fn writer(&self, name: Option<LayoutName>) -> Arc<dyn Writer> {
        let reader = DataReader::new(&self.storing.folder, &self.place, path(name));
        Arc::new(DataWriter { reader, storing: Arc::clone(&self.storing) })
    }
}

/// The path of a repository. References without one are refused where they are read, but for the one
/// that stands for all of a place.
fn path(name: Option<LayoutName>) -> RepositoryPath {
    let path = name.and_then(|name| name.as_str().parse().ok());
    path.unwrap_or_else(RepositoryPath::catalog)
}

fn told(place: &Path) -> String {
    format!("registry-data:{}", place.display())
}

fn opening(place: &Path) -> Act {
    Act::new(told(place), Operation::Open)
}

/// Where the data is or would be; what is neither data nor vacant is a failure.
fn look(place: &Path, act: &Act) -> Fallible<Found> {
    let below = place.join(BELOW);
    for root in [&below, &place.to_owned()] {
        if root.join("repositories").is_dir() {
            return check(root, place, act);
        }
    }
    // A registry that was never pushed to has made nothing but directories.
    if below.is_dir() {
        return check(&below, place, act);
    }
    if !is_vacant(place).map_err(|e| act.io("read", place, &e))? {
        return Err(no_data(place, act));
    }
    match place.ends_with(BELOW) {
        true => Ok(Found::Vacant(place.to_owned())),
        false => Ok(Found::Vacant(below)),
    }
}

fn check(root: &Path, place: &Path, act: &Act) -> Fallible<Found> {
    let folder = Folder { paths: Paths::new(place.to_owned()) };
    folder.refuse_links(&root.join("any"), act)?;
    let folder = Folder { paths: Paths::new(root.to_owned()) };
    for directory in [folder.paths.blobs(), folder.paths.repositories(), folder.paths.drafts()] {
        folder.refuse_links(&directory.join("any"), act)?;
    }
    Ok(Found::Data(root.to_owned()))
}

fn no_data(place: &Path, act: &Act) -> Box<Failure> {
    let root = place.display();
    let message = match place.exists() {
        true => format!("{root} holds no data of a registry: there is no `{BELOW}/repositories`"),
        false => format!("there is no directory {root}"),
    };
    act.fail(Code::NotFound, message).hint(
        "name the directory that the registry was given (`rootdirectory` in its configuration), or for a target one that is new or empty",
    )
}

fn open_for_writing(place: &Path, act: &Act) -> Fallible<Storing> {
    let (Found::Data(root) | Found::Vacant(root)) = look(place, act)?;
    let paths = Paths::new(root);
    for directory in [paths.blobs(), paths.repositories()] {
        fs::create_dir_all(&directory).map_err(|e| act.io("create", &directory, &e))?;
    }
    // The directory itself is locked, so that nothing is left behind.
    let root = paths.root();
    let lock = File::open(root).map_err(|e| act.io("open", root, &e))?;
    lock.lock().map_err(|e| act.io("lock", root, &e))?;
    let session = Arc::new(Session::begin(paths.drafts(), act)?);
    drop(lock);
    Ok(Storing { folder: Arc::new(Folder { paths }), session })
}
