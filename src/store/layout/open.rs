//! Opening a layout, for reading only or for writing as well: two types, so that what reads cannot
//! write.

use super::check::{Found, look, no_layout};
use super::directory::Directory;
use super::disk::sync_directory;
use super::fault::Act;
use super::index::Index;
use super::lock::{Lock, Missing};
use super::reader::LayoutReader;
use super::session::Session;
use super::tagging::{Tagging, replace};
use super::writer::{LayoutWriter, Writing};
use crate::failure::{Code, Fallible, Operation};
use crate::oci::LayoutName;
use crate::store::{ReadPlace, Reader, WritePlace, Writer};
use async_trait::async_trait;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A layout directory, opened once per run for reading and shared by its repositories.
pub struct ReadLayout {
    directory: Arc<Directory>,
}

/// A layout directory, opened once per run for writing and shared by its repositories.
///
/// Any number of processes may write to one layout at the same time.
pub struct WriteLayout {
    writing: Arc<Writing>,
}

impl ReadLayout {
    /// Opens a layout that must be there, as a source must.
    ///
    /// # Errors
    /// `NotFound` when the directory is no layout, `Protocol` when its version is not known, `Io`
    /// when it cannot be read or holds links.
    pub async fn open(directory: &Path) -> Fallible<Self> {
        let layout = Self::open_or_vacant(directory).await?;
        layout.must_be_there().await?;
        Ok(layout)
    }

    /// Opens a layout that may not be there yet, as a target may: a directory that is missing or
    /// empty has no tags.
    ///
    /// # Errors
    /// As [`ReadLayout::open`]; a directory that holds something else is a failure here too.
    pub async fn open_or_vacant(directory: &Path) -> Fallible<Self> {
        let directory = Arc::new(Directory::new(directory));
        let shared = Arc::clone(&directory);
        opening(&directory).blocking(move |act| look(&shared.paths, act)).await?;
        Ok(Self { directory })
    }

    async fn must_be_there(&self) -> Fallible<()> {
        let directory = Arc::clone(&self.directory);
        let check = move |act: &Act| {
            let paths = &directory.paths;
            match (look(paths, act)?, directory.index(act)?) {
                (Found::Layout, Some(_)) => Ok(()),
                (Found::Layout, None) => {
                    let message = format!(
                        "{} is not a whole layout: it has no file `index.json`",
                        paths.root().display()
                    );
                    Err(act.fail(Code::NotFound, message).hint("copy the layout again"))
                }
                (Found::Vacant | Found::Begun, _) => Err(no_layout(paths, act)),
            }
        };
        opening(&self.directory).blocking(check).await
    }
}

impl WriteLayout {
    /// Opens a layout, and makes it where nothing is. What dead writers left behind is removed.
    ///
    /// # Errors
    /// `NotFound` when the directory holds something else, `Protocol` when the layout's version is
    /// not known, `TargetFull`, `ReadOnly` or `Io` when it cannot be written.
    pub async fn open(directory: &Path) -> Fallible<Self> {
        let directory = Arc::new(Directory::new(directory));
        let act = opening(&directory);
        let writing = act.blocking(move |act| open_for_writing(directory, act)).await?;
        Ok(Self { writing: Arc::new(writing) })
    }

    /// One repository, for reading.
    pub fn reader(&self, name: Option<LayoutName>) -> Arc<dyn Reader> {
        Arc::new(LayoutReader::new(&self.writing.directory, name))
    }
}

#[async_trait]
impl ReadPlace for ReadLayout {
    fn reader(&self, name: Option<LayoutName>) -> Arc<dyn Reader> {
        Arc::new(LayoutReader::new(&self.directory, name))
    }

    async fn names(&self) -> Fallible<Vec<String>> {
        let directory = Arc::clone(&self.directory);
        let read = move |act: &Act| {
            let index = directory.index(act)?;
            let names = index.iter().flat_map(|index| index.names()).map(|name| name.as_str().to_owned());
            Ok(names.collect())
        };
        let place = format!("oci:{}", self.directory.paths.root().display());
        Act::new(place, Operation::Catalog).blocking(read).await
    }
}

impl WritePlace for WriteLayout {
    fn writer(&self, name: Option<LayoutName>) -> Arc<dyn Writer> {
        Arc::new(LayoutWriter::new(&self.writing, name))
    }
}

fn opening(directory: &Directory) -> Act {
    Act::new(format_args!("oci:{}", directory.paths.root().display()), Operation::Open)
}

fn open_for_writing(directory: Arc<Directory>, act: &Act) -> Fallible<Writing> {
    let paths = &directory.paths;
    fs::create_dir_all(paths.root()).map_err(|e| act.io("create", paths.root(), &e))?;
    look(paths, act)?;
    let lock = Lock::take(paths, Missing::Make, act)?;
    let session = Arc::new(Session::begin(paths, &lock, act)?);
    let shelf = paths.shelf("sha256");
    fs::create_dir_all(&shelf).map_err(|e| act.io("create", &shelf, &e))?;
    if directory.index(act)?.is_none() {
        let broken = |e: serde_json::Error| act.fail(Code::Internal, format!("index.json: {e}"));
        let index = Index::empty().map_err(broken)?;
        let bytes = index.write().map_err(broken)?;
        replace(&directory, &session, Arc::new(index), &bytes, act)?;
    }
    for made in [paths.blobs(), paths.root().to_owned()] {
        sync_directory(&made).map_err(|e| act.io("write", &made, &e))?;
    }
    drop(lock);
    let tagging = Arc::new(Tagging::new(&directory, &session));
    Ok(Writing { directory, session, tagging })
}
