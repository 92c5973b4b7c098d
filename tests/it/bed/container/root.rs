//! The files of an image, laid out by the script that lays them out for the image itself.

use super::Image;
use crate::bed::tools;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The entry point of both images.
pub(super) const ENTRY: &str = "/usr/bin/crossdock";
/// The bundle of this machine. Without any, not even plain HTTP is spoken.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Names a program to be tested instead of the one that was built with the tests: the static one that is
/// shipped.
const STATIC_PROGRAM: &str = "CROSSDOCK_STATIC";

/// Lays out the root of a container in `folder`, and tells what has to be mounted into it: the program,
/// which is large, and its libraries, if it is not static.
pub(super) fn lay_out(folder: &Path, image: Image) -> (PathBuf, Vec<(PathBuf, String)>) {
    let program = std::env::var_os(STATIC_PROGRAM)
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_crossdock")), PathBuf::from);
    let busybox = tools::find("busybox", "busybox-static");
    assert!(
        libraries(&busybox).is_empty(),
        "{} is not static: apt-get install busybox-static",
        busybox.display()
    );
    // Its place is taken by a mount.
    let instead = folder.join("program");
    fs::write(&instead, "").expect("a file can be written");
    let certificates = PathBuf::from(CERTIFICATES);
    assert!(certificates.is_file(), "{CERTIFICATES} is missing: apt-get install ca-certificates");
    let images = folder.join("images");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/image-root");
    let mut command = Command::new(script);
    let made = tools::run(command.args([&instead, &busybox, &certificates, &images]));
    made.unwrap_or_else(|why| panic!("{why}"));
    let root = images.join("bare");
    if image == Image::Full {
        // The layer that the full image has on the other.
        let mut copy = Command::new("cp");
        let copied = tools::run(copy.arg("-a").arg(images.join("shell/.")).arg(&root));
        copied.unwrap_or_else(|why| panic!("{why}"));
    }
    fs::write(root.join("etc/hosts"), "127.0.0.1 localhost\n").expect("a file can be written");
    let mut mounts = vec![(program.clone(), ENTRY.to_owned())];
    mounts.extend(libraries(&program).into_iter().map(|library| (PathBuf::from(&library), library)));
    (root, mounts)
}

/// The shared libraries of a program, and what loads them; none for a static one.
fn libraries(program: &Path) -> Vec<String> {
    let told = Command::new("ldd").arg(program).output().expect("ldd is always there");
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    let paths = text
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')).map(ToOwned::to_owned));
    paths.collect()
}
