//! Which files are meant: an archive is one file, or all parts of one, whichever of them is named.

use crate::bundle::{PARTS_MAX, part_number, part_path, sums_path};
use crate::failure::{Code, Failure, Fallible, Operation};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The number of the first part.
const FIRST: u64 = 1;

/// The archives that `paths` name, each as the files that it is made of. Parts of one archive are one archive,
/// and so is the file of their sums.
///
/// # Errors
/// A file is not there, or a part is missing before one that is.
pub fn runs(paths: &[PathBuf]) -> Fallible<Vec<Vec<PathBuf>>> {
    let mut all = Vec::new();
    for path in paths {
        let whole = path.with_extension("");
        let run = run(if sums_path(&whole) == *path { &whole } else { path })?;
        if !all.contains(&run) {
            all.push(run);
        }
    }
    Ok(all)
}

/// The files that one archive is made of.
pub(super) fn run(path: &Path) -> Fallible<Vec<PathBuf>> {
    let (whole, named) = match part_number(path) {
        Some((whole, number)) => (whole, Some(number)),
        None if path.exists() => return Ok(vec![path.to_owned()]),
        None => (path.to_owned(), None),
    };
    let there = numbers(&whole);
    let fail = |message: String, hint: &'static str| {
        let place = format!("oci-archive:{}", path.display());
        Failure::new(Code::NotFound, place, Operation::Open, message).hint(hint)
    };
    let Some(last) = there.last().copied().filter(|_| named.is_none_or(|named| there.contains(&named)))
    else {
        return Err(fail(
            format!("there is no file {}", path.display()),
            "name an archive, or one of its parts (`.001`, `.002`, …)",
        ));
    };
    if let Some(missing) = (FIRST..last).find(|number| !there.contains(number)).as_ref() {
        let message = format!("{} is missing", part_path(&whole, *missing).display());
        return Err(fail(message, "bring all parts into one directory"));
    }
    Ok((FIRST..=last).map(|number| part_path(&whole, number)).collect())
}

/// Which parts there are.
fn numbers(whole: &Path) -> BTreeSet<u64> {
    (FIRST..=PARTS_MAX).filter(|number| part_path(whole, *number).exists()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn any_part_names_all_and_what_is_missing_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["a.tar.001", "a.tar.002", "a.tar.sha256", "b.tar", "c.tar.001", "c.tar.003", "d.100"] {
            fs::write(path(name), "").expect("writable");
        }
        let found = |names: &[&str]| -> Result<Vec<Vec<String>>, String> {
            let paths: Vec<PathBuf> = names.iter().map(|name| path(name)).collect();
            let name = |path: PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
            let runs = runs(&paths).map_err(|failure| failure.message.clone())?;
            Ok(runs.into_iter().map(|run| run.into_iter().filter_map(name).collect()).collect())
        };
        let whole = vec!["a.tar.001".to_owned(), "a.tar.002".to_owned()];
        for names in [&["a.tar"][..], &["a.tar.002"], &["a.tar.001", "a.tar.002", "a.tar.sha256"]] {
            assert_eq!(found(names), Ok(vec![whole.clone()]), "{names:?}");
        }
        assert_eq!(found(&["b.tar", "a.tar"]), Ok(vec![vec!["b.tar".to_owned()], whole]));
        let told = |names: &[&str]| found(names).expect_err("it is not whole");
        assert!(told(&["c.tar"]).ends_with("c.tar.002 is missing"));
        assert!(told(&["c.tar.002"]).contains("there is no file"));
        assert!(told(&["d.100"]).ends_with("d.001 is missing"));
        assert!(told(&["e.tar"]).contains("there is no file"));
    }
}
