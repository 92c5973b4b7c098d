//! Compiled components that are kept, and those that are not believed.

use super::guest::{Guest, request};
use crate::filter::{Cache, Component, Filter, Limits};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

struct Kept {
    _above: tempfile::TempDir,
    directory: PathBuf,
    bytes: Vec<u8>,
}

fn kept() -> Kept {
    let above = tempfile::tempdir().expect("a directory");
    let directory = above.path().join("a/cache");
    Kept { _above: above, directory, bytes: Guest::default().bytes() }
}

impl Kept {
    /// Whether the component came out of the cache; either way it decides.
    fn is_found(&self) -> bool {
        let cache = Cache::new(self.directory.clone());
        let component = Component::new("guest", &self.bytes, Some(&cache)).unwrap_or_else(|e| panic!("{e}"));
        let filter =
            Filter::new(&component, &serde_json::Value::Null, Limits::default()).expect("it is ready");
        assert_eq!(filter.decide(&request(&["1"])).expect("it decides").decisions.len(), 1);
        component.inspection().compiled_in.is_none()
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.directory).expect("the cache is there");
        entries.map(|entry| entry.expect("a file").path()).collect()
    }

    fn file(&self) -> PathBuf {
        let [file] = &self.files()[..] else { panic!("{:?}", self.files()) };
        file.clone()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn change_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[test]
fn a_component_is_compiled_once_for_its_owner_alone() {
    let kept = kept();
    assert!(!kept.is_found() && kept.is_found());
    assert_eq!((mode(&kept.directory), mode(&kept.file())), (0o700, 0o600));
    let name = kept.file().file_name().map(|name| name.to_string_lossy().into_owned()).expect("a name");
    let digest = crate::oci::Digest::of(&kept.bytes);
    assert!(name.starts_with(&format!("{}-{}-", digest.hex(), env!("CARGO_PKG_VERSION"))), "{name}");
}

#[test]
fn another_component_is_another_file() {
    let mut kept = kept();
    assert!(!kept.is_found());
    kept.bytes = Guest { needs: 1, ..Guest::default() }.bytes();
    assert!(!kept.is_found() && kept.is_found());
    assert_eq!(kept.files().len(), 2);
}

#[test]
fn a_damaged_file_is_made_anew() {
    let kept = kept();
    assert!(!kept.is_found());
    let whole = fs::read(kept.file()).expect("it is there");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damaged in [&whole[..whole.len() / 2], &flipped, b"", b"sha256:", &whole[72..]] {
        fs::write(kept.file(), damaged).expect("it can be written");
        assert!(!kept.is_found(), "{} bytes", damaged.len());
        assert!(kept.is_found());
    }
    assert_eq!(kept.files().len(), 1);
}

#[test]
fn what_others_can_write_is_not_believed() {
    let kept = kept();
    assert!(!kept.is_found());
    change_mode(&kept.file(), 0o666);
    assert!(!kept.is_found(), "a file that everybody could have changed");
    for loose in [0o770, 0o702] {
        change_mode(&kept.directory, loose);
        assert!(!kept.is_found(), "a directory of mode {loose:o}");
    }
    change_mode(&kept.directory, 0o755);
    assert!(kept.is_found());
    let elsewhere = kept.directory.parent().expect("a parent").join("elsewhere");
    fs::rename(kept.file(), &elsewhere).expect("it can be moved");
    let name = elsewhere.clone();
    assert!(!kept.is_found());
    let file = kept.file();
    fs::remove_file(&file).expect("it can be removed");
    std::os::unix::fs::symlink(name, &file).expect("it can be linked");
    assert!(!kept.is_found(), "a link to somewhere");
}

#[test]
fn a_cache_that_cannot_be_made_changes_nothing() {
    let kept = kept();
    fs::create_dir_all(kept.directory.parent().expect("a parent")).expect("it can be made");
    fs::write(&kept.directory, "no directory").expect("it can be written");
    assert!(!kept.is_found() && !kept.is_found());
}
