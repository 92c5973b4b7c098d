//! Where the files of a run go: made before the run, so that a place that cannot be written to is told
//! before anything is copied. And to whom they belong afterwards.

use super::absolute;
use crate::ci::{Owner, Places, Variables, owner};
use crate::cli::setting::Setting;
use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

/// The directory of a run's files.
pub(super) struct Place {
    /// The directory, absolute; none when there is none to be had.
    pub(super) directory: Option<PathBuf>,
    /// The root of the repository, as far as that is known.
    pub(super) root: PathBuf,
    /// What was made, and is to belong to whom the workspace belongs.
    made: RefCell<Vec<PathBuf>>,
}

/// What a directory of ours in somebody's working tree has in it, so that it is not seen as a change.
const IGNORED: &str = "*\n";

impl Place {
    /// No directory: what has to be told goes where the CI says, and into the log.
    pub(super) fn nowhere(root: &Path) -> Self {
        Self { directory: None, root: root.to_owned(), made: RefCell::default() }
    }

    /// Makes the directory. The error is for the user who named one.
    pub(super) fn make(
        setting: &Setting,
        variables: &Variables,
        named: Option<&Path>,
        started_in: &Path,
    ) -> Result<Self, String> {
        let root = variables.get("GITHUB_WORKSPACE").map_or_else(|| started_in.to_owned(), PathBuf::from);
        let mut place = Self::nowhere(&root);
        let id = format!("{:016x}", fastrand::u64(..));
        place.directory = match Places::of(named, setting.ci.ci, variables, &id) {
            Places::Named(named) => {
                let directory = absolute(&named);
                place.create(&directory).map_err(|why| {
                    let named = named.display();
                    format!("the input report-dir is wrong: {named} cannot be written to: {why}")
                })?;
                Some(directory)
            }
            Places::Below { parent, name, or } => {
                let directory = parent.join(name);
                match fs::create_dir(&directory) {
                    Ok(()) => Some(directory),
                    Err(_) => place.work(started_in, &or, &id),
                }
            }
            Places::Work(work) => place.work(started_in, &work, &id),
        };
        if place.directory.is_none() {
            setting
                .complain("no reports: neither the workspace nor the temporary directory can be written to");
        }
        Ok(place)
    }

    /// A directory of ours in the workspace; where that is read-only, one for this run among the
    /// temporary files.
    fn work(&self, started_in: &Path, name: &Path, id: &str) -> Option<PathBuf> {
        let directory = started_in.join(name);
        if self.create(&directory).is_ok() {
            let ignore = directory.join(".gitignore");
            if !ignore.exists() && fs::write(&ignore, IGNORED).is_ok() {
                self.wrote(&ignore);
            }
            return Some(directory);
        }
        let other = std::env::temp_dir().join(format!("crossdock-{id}"));
        fs::create_dir(&other).is_ok().then_some(other)
    }

    /// Makes a directory with those above it, and finds out whether it can be written to.
    fn create(&self, directory: &Path) -> std::io::Result<()> {
        let missing: Vec<&Path> = directory.ancestors().take_while(|path| !path.exists()).collect();
        fs::create_dir_all(directory)?;
        for made in missing {
            self.wrote(made);
        }
        tempfile::Builder::new().prefix(".crossdock-").tempfile_in(directory).map(drop)
    }

    /// A file that the run writes, or may write.
    pub(super) fn wrote(&self, path: &Path) {
        self.made.borrow_mut().push(path.to_owned());
    }

    /// The path of a file of this name.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        self.directory.as_ref().map(|directory| directory.join(name))
    }

    /// The way from the root of the repository to the working directory.
    pub(super) fn below(&self) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        let root = fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone());
        here.strip_prefix(root).map(|below| below.display().to_string()).unwrap_or_default()
    }

    /// Gives what root made in somebody else's workspace to whom that belongs: nobody else could clear
    /// it away. That it fails is no failure of the run.
    pub(super) fn hand_over(&self) {
        let Ok(theirs) = fs::metadata(&self.root).map(|workspace| who(&workspace)) else { return };
        for path in self.made.borrow().iter().filter(|path| path.starts_with(&self.root)) {
            let Ok(ours) = fs::symlink_metadata(path) else { continue };
            if let Some(Owner { user, group }) = owner(who(&ours), theirs)
                && let Err(why) = chown(path, Some(user), Some(group))
            {
                tracing::debug!(path = %path.display(), %why, "a file stays ours");
            }
        }
    }
}

fn who(metadata: &fs::Metadata) -> Owner {
    Owner { user: metadata.uid(), group: metadata.gid() }
}
