//! Opening the directory of an image, for reading only or for writing as well.

use super::image::{ImageDirectory, VERSION};
use super::reader::DirectoryReader;
use super::writer::{DirectoryWriter, Storing};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Digest, LayoutName};
use crate::store::disk::fault::Act;
use crate::store::disk::files::{is_vacant, plain_size};
use crate::store::disk::session::Session;
use crate::store::{ReadPlace, Reader, WritePlace, Writer};
use async_trait::async_trait;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

/// The directory of one image, opened once per run for reading.
pub struct ReadDirectory {
    directory: Arc<ImageDirectory>,
}

/// The directory of one image, opened once per run for writing.
pub struct WriteDirectory {
    storing: Arc<Storing>,
}

/// What there is at a path.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// An image, whole or begun.
    Image,
    /// Nothing, or an empty directory.
    Vacant,
}

impl ReadDirectory {
    /// Opens a directory that must hold an image, as a source must.
    ///
    /// # Errors
    /// `NotFound` when there is none, `Io` when it cannot be read or holds links.
    pub async fn open(path: &Path) -> Fallible<Self> {
        let directory = Arc::new(ImageDirectory::new(path));
        let shared = Arc::clone(&directory);
        let check = move |act: &Act| match shared.image(None, act)? {
            Some(_) => Ok(()),
            None => Err(no_image(&shared, act)),
        };
        opening(path).blocking(check).await?;
        Ok(Self { directory })
    }

    /// Opens a directory that may not be there yet, as a target may.
    ///
    /// # Errors
    /// As [`ReadDirectory::open`]; a directory that holds something else is a failure here too.
    pub async fn open_or_vacant(path: &Path) -> Fallible<Self> {
        let directory = Arc::new(ImageDirectory::new(path));
        let shared = Arc::clone(&directory);
        opening(path).blocking(move |act| look(&shared, act).map(drop)).await?;
        Ok(Self { directory })
    }
}

impl WriteDirectory {
    /// Opens a directory for writing, and makes it where nothing is.
    ///
    /// # Errors
    /// `NotFound` when the directory holds something else, `TargetFull`, `ReadOnly` or `Io` when it
    /// cannot be written.
    pub async fn open(path: &Path) -> Fallible<Self> {
        let directory = Arc::new(ImageDirectory::new(path));
        let storing = opening(path).blocking(move |act| open_for_writing(directory, act)).await?;
        Ok(Self { storing: Arc::new(storing) })
    }
}

#[async_trait]
impl ReadPlace for ReadDirectory {
    fn reader(&self, _name: Option<LayoutName>) -> Arc<dyn Reader> {
        Arc::new(DirectoryReader::new(&self.directory))
    }

    /// There is one image, and it has no name.
    async fn names(&self) -> Fallible<Vec<String>> {
        Ok(Vec::new())
    }

    async fn blob_size(&self, blob: &Digest) -> Fallible<Option<u64>> {
        let path = self.directory.blob(blob);
        let look = move |act: &Act| plain_size(&path).map_err(|e| act.io("look at", &path, &e));
        let place = format!("dir:{}", self.directory.root().display());
        Act::new(place, Operation::BlobHead).blocking(look).await
    }
}

#[async_trait]
impl WritePlace for WriteDirectory {
    fn writer(&self, _name: Option<LayoutName>) -> Arc<dyn Writer> {
        let reader = DirectoryReader::new(&self.storing.directory);
        Arc::new(DirectoryWriter { reader, storing: Arc::clone(&self.storing) })
    }
}

fn opening(path: &Path) -> Act {
    Act::new(format_args!("dir:{}", path.display()), Operation::Open)
}

fn look(directory: &ImageDirectory, act: &Act) -> Fallible<Found> {
    let root = directory.root();
    for path in [directory.version(), directory.top()] {
        if plain_size(&path).map_err(|e| act.io("look at", &path, &e))?.is_some() {
            return Ok(Found::Image);
        }
    }
    match is_vacant(root).map_err(|e| act.io("read", root, &e))? {
        true => Ok(Found::Vacant),
        false => Err(no_image(directory, act)),
    }
}

fn no_image(directory: &ImageDirectory, act: &Act) -> Box<Failure> {
    let root = directory.root().display();
    let message = match directory.root().exists() {
        true => format!("{root} is not the directory of an image: it has no file `manifest.json`"),
        false => format!("there is no directory {root}"),
    };
    act.fail(Code::NotFound, message).hint(
        "name one that `skopeo copy … dir:` or crossdock wrote, or for a target one that is new or empty",
    )
}

fn open_for_writing(directory: Arc<ImageDirectory>, act: &Act) -> Fallible<Storing> {
    look(&directory, act)?;
    let root = directory.root();
    fs::create_dir_all(root).map_err(|e| act.io("create", root, &e))?;
    let drafts = directory.drafts();
    if drafts.is_symlink() {
        return Err(act.irregular(&drafts, "a symbolic link"));
    }
    // The directory itself is locked, so that nothing is left behind.
    let lock = File::open(root).map_err(|e| act.io("open", root, &e))?;
    lock.lock().map_err(|e| act.io("lock", root, &e))?;
    let session = Arc::new(Session::begin(drafts, act)?);
    let storing = Storing { directory, session };
    let version = storing.directory.version();
    let told = fs::read(&version).ok();
    if told.as_deref() != Some(VERSION.as_bytes()) {
        storing.write(&version, VERSION.as_bytes(), act)?;
    }
    drop(lock);
    Ok(storing)
}
