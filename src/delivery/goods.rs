//! Bundles, opened: what their indexes say, and what they leave out.

use crate::bundle::{BundleIndex, LeftOut};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::store::archive::{ReadArchive, runs};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest document of what is left out that is read, in bytes: some 400,000 blobs.
const LEFT_OUT_BYTES_MAX: u64 = 64 << 20;

/// A bundle that was opened.
pub struct Bundle {
    /// What it is called: of parts, without their numbers.
    pub path: PathBuf,
    /// Its bytes.
    pub archive: Arc<ReadArchive>,
    /// What it says of itself.
    pub index: BundleIndex,
    /// What it leaves out.
    pub left_out: LeftOut,
}

/// Opens the bundles that `paths` name. Parts of one are one.
///
/// # Errors
/// One is not there, cannot be read, or is none.
pub async fn open(paths: &[PathBuf]) -> Fallible<Vec<Bundle>> {
    let mut bundles = Vec::new();
    for run in runs(paths)? {
        bundles.push(Bundle::open(run).await?);
    }
    match bundles.is_empty() {
        true => Err(fail(Code::NotFound, Path::new("a bundle"), "no file is named that could be one")),
        false => Ok(bundles),
    }
}

impl Bundle {
    /// Opens the files of one bundle.
    ///
    /// # Errors
    /// As [`ReadArchive::open_run`]; and `Protocol` where its index or what it leaves out cannot be read.
    pub async fn open(run: Vec<PathBuf>) -> Fallible<Self> {
        let archive = Arc::new(ReadArchive::open_run(run).await?);
        let path = archive.path().to_owned();
        let refuse = |what: &str, why: String| {
            fail(Code::Protocol, &path, format!("{what} cannot be used: {why}"))
                .hint("make the bundle again, or use the crossdock that made it")
        };
        let index = BundleIndex::read(archive.index_json()).map_err(|why| refuse("its index.json", why))?;
        let left_out = match &index.left_out {
            None => LeftOut::default(),
            Some(document) => {
                let bytes = archive.document(document, LEFT_OUT_BYTES_MAX).await?;
                LeftOut::read(&bytes).map_err(|why| refuse("its list of what it leaves out", why))?
            }
        };
        Ok(Self { path, archive, index, left_out })
    }
}

fn fail(code: Code, path: &Path, message: impl Into<String>) -> Box<Failure> {
    Failure::new(code, path.display(), Operation::Open, message)
}
