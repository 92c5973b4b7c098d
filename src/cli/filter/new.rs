//! `crossdock filter new`: writes a template into a folder of its own, whole or not at all.

use super::flags::{Language, NewArguments};
use super::name::ProjectName;
use super::stopped::Stopped;
use super::templates::{self, Piece};
use crate::cli::setting::Setting;
use crate::filter::WIT;
use crate::report::Exit;
use std::fs;
use std::io;
use std::path::Path;

/// What templates call the filter.
const PLACEHOLDER: &str = "my-filter";
/// The same in languages that have no `-` in names.
const PLACEHOLDER_IDENTIFIER: &str = "my_filter";

/// Begins a filter.
pub(super) fn new(setting: &Setting, arguments: &NewArguments) -> Exit {
    match begun(arguments) {
        Ok(()) => {
            setting.print(&next(arguments));
            Exit::Ok
        }
        Err(stopped) => stopped.end(setting),
    }
}

fn begun(NewArguments { lang, name }: &NewArguments) -> Result<(), Stopped> {
    let folder = Path::new(name.as_str());
    let refuse = |why: &str| Stopped::invalid(format!("the folder {name} cannot be made: {why}"));
    match fs::symlink_metadata(folder) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => {}
        Err(why) => return Err(refuse(&why.to_string())),
        Ok(found) if !found.is_dir() => return Err(refuse("something else is there; choose another name")),
        Ok(_) => {
            let mut entries = fs::read_dir(folder).map_err(|why| refuse(&why.to_string()))?;
            if entries.next().is_some() {
                return Err(refuse("it is there, and not empty; choose another name, or move it away"));
            }
        }
    }
    write(folder, name, templates::pieces(*lang))
        .map_err(|why| Stopped::Unwritten(format!("the folder {name} cannot be made: {why}")))
}

/// Everything is written beside the folder first, and then becomes it.
fn write(folder: &Path, name: &ProjectName, pieces: &[Piece]) -> io::Result<()> {
    let beside = tempfile::Builder::new().prefix(".crossdock-").tempdir_in(".")?;
    for (path, text) in pieces {
        put(&beside.path().join(named(path, name)), &named(text, name))?;
    }
    put(&beside.path().join("wit/filter.wit"), WIT)?;
    share(beside.path())?;
    fs::rename(beside.path(), folder)?;
    // It is not there any more.
    let _ = beside.keep();
    Ok(())
}

/// Temporary folders are for their owner alone; this one becomes a project like any other.
#[cfg(unix)]
fn share(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}

fn named(text: &str, name: &ProjectName) -> String {
    text.replace(PLACEHOLDER, name.as_str()).replace(PLACEHOLDER_IDENTIFIER, &name.as_identifier())
}

/// The three commands that come next.
fn next(NewArguments { lang, name }: &NewArguments) -> String {
    let identifier = name.as_identifier();
    let (build, component) = match lang {
        Language::Rust => (
            "cargo build --release --target wasm32-wasip2".to_owned(),
            format!("target/wasm32-wasip2/release/{identifier}.wasm"),
        ),
        Language::Js | Language::Python | Language::C => ("./build".to_owned(), format!("{name}.wasm")),
    };
    format!("{name} is there. Next:\n  cd {name}\n  {build}\n  crossdock filter test {component}\n")
}
