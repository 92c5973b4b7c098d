//! The parts of a bundle: consecutive ranges of the very same tar, and what their files are called.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Most parts of a bundle: their numbers have three digits, so that `cat NAME.*` takes them in order.
pub const PARTS_MAX: u64 = 999;
/// What the name of an unfinished file ends with.
const DRAFT: &str = "partial";
/// What the name of the file with the sums ends with.
const SUMS: &str = "sha256";

/// How a tar is parted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    total_bytes: u64,
    /// The length of each but the last; none for one file.
    part_bytes: Option<u64>,
}

/// Why a tar cannot be parted so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartsError {
    /// There would be more than [`PARTS_MAX`].
    TooMany,
}

impl Parts {
    /// Parts of `part_bytes` each, or one file.
    ///
    /// # Errors
    /// There would be too many.
    pub fn new(total_bytes: u64, part_bytes: Option<u64>) -> Result<Self, PartsError> {
        match part_bytes {
            Some(part_bytes) if part_bytes == 0 || total_bytes.div_ceil(part_bytes) > PARTS_MAX => {
                Err(PartsError::TooMany)
            }
            _ => Ok(Self { total_bytes, part_bytes }),
        }
    }

    /// The files, in order: where each lies, and which bytes of the tar it has.
    pub fn files(&self, path: &Path) -> Vec<(PathBuf, Range<u64>)> {
        let Some(part_bytes) = self.part_bytes else {
            return vec![(path.to_owned(), 0..self.total_bytes)];
        };
        let count = self.total_bytes.div_ceil(part_bytes);
        let file = |number: u64| {
            let start = (number - 1) * part_bytes;
            (part_path(path, number), start..self.total_bytes.min(start + part_bytes))
        };
        (1..=count).map(file).collect()
    }
}

/// `site.tar.001`, for the part with this number, from 1.
pub fn part_path(path: &Path, number: u64) -> PathBuf {
    with(path, &format!("{number:03}"))
}

/// The bundle and the number, from 1, of a file that is called like a part of one.
pub fn part_number(path: &Path) -> Option<(PathBuf, u64)> {
    let name = path.file_name()?.to_str()?;
    let (name, number) = name.rsplit_once('.')?;
    let is_number = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|number| is_number && *number > 0)?;
    (!name.is_empty()).then(|| (path.with_file_name(name), number))
}

/// `site.tar.sha256`, where the sums of the parts are.
pub fn sums_path(path: &Path) -> PathBuf {
    with(path, SUMS)
}

/// What a file is called until it is whole.
pub fn drafted(path: &Path) -> PathBuf {
    with(path, DRAFT)
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

impl fmt::Display for PartsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it would have more than {PARTS_MAX} parts")
    }
}

impl std::error::Error for PartsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_have_all_bytes() {
        let files = |total, part| Parts::new(total, part).expect("few").files(Path::new("d/site.tar"));
        let text: Vec<String> =
            files(10, Some(4)).iter().map(|(path, range)| format!("{} {range:?}", path.display())).collect();
        assert_eq!(text, ["d/site.tar.001 0..4", "d/site.tar.002 4..8", "d/site.tar.003 8..10"]);
        assert_eq!(files(8, Some(4)).len(), 2);
        assert_eq!(files(3, Some(4)), [(PathBuf::from("d/site.tar.001"), 0..3)]);
        assert_eq!(files(3, None), [(PathBuf::from("d/site.tar"), 0..3)]);
    }

    #[test]
    fn more_parts_than_names_are_refused() {
        assert!(Parts::new(999, Some(1)).is_ok());
        assert_eq!(Parts::new(1000, Some(1)), Err(PartsError::TooMany));
        assert_eq!(Parts::new(1, Some(0)), Err(PartsError::TooMany));
    }

    #[test]
    fn names_of_parts_are_told_from_others() {
        let number = |name: &str| {
            part_number(Path::new(name)).map(|(path, number)| (path.display().to_string(), number))
        };
        assert_eq!(number("d/site.tar.012"), Some(("d/site.tar".to_owned(), 12)));
        for other in [
            "site.tar",
            "site.tar.12",
            "site.tar.1234",
            "site.tar.000",
            "site.tar.0a1",
            ".001",
            "site.tar.+01",
        ] {
            assert_eq!(number(other), None, "{other}");
        }
        assert_eq!(sums_path(Path::new("site.tar")), Path::new("site.tar.sha256"));
        assert_eq!(drafted(Path::new("site.tar.001")), Path::new("site.tar.001.partial"));
    }
}
