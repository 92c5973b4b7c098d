//! `crossdock filter new`: writes a template into a folder of its own, whole or not at all.

use super::flags::{Language, NewArguments};
use super::name::ProjectName;
use super::stopped::Stopped;
use super::templates;
use crate::cli::setting::Setting;
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
    write(folder, name, *lang)
        .map_err(|why| Stopped::Unwritten(format!("the folder {name} cannot be made: {why}")))
}

/// Everything is written beside the folder first, and then becomes it.
fn write(folder: &Path, name: &ProjectName, language: Language) -> io::Result<()> {
    let beside = tempfile::Builder::new().prefix(".crossdock-").tempdir_in(".")?;
    for (path, text) in templates::pieces(language) {
        let text = match path.as_str() {
            "Cargo.lock" => sorted(&named(text, name)),
            _ => named(text, name),
        };
        put(&beside.path().join(path), &text)?;
    }
    share(beside.path())?;
    fs::rename(beside.path(), folder)?;
    // It is not there any more.
    let _ = beside.keep();
    Ok(())
}

/// A lock file whose packages stand in the order of their names: with another name for the filter,
/// cargo would take it for out of date.
fn sorted(lock: &str) -> String {
    const START: &str = "[[package]]\n";
    let mut parts = lock.split(START).map(str::trim_end);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<&str> = parts.collect();
    packages.sort_by_key(|package| package.lines().next().unwrap_or_default().trim_end_matches('"'));
    let packages: String = packages.iter().map(|package| format!("\n{START}{package}\n")).collect();
    format!("{head}\n{packages}")
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
    let (build, component) = templates::build(*lang, name.as_str());
    format!("{name} is there. Next:\n  cd {name}\n  {build}\n  crossdock filter test {component}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_a_lock_file_stand_in_the_order_of_their_names() {
        let package = |name: &str| format!("\n[[package]]\nname = \"{name}\"\nversion = \"1\"\n");
        let of = |names: &[&str]| {
            format!("version = 4\n{}", names.iter().map(|name| package(name)).collect::<String>())
        };
        assert_eq!(sorted(&of(&["b", "b-c", "z", "a"])), of(&["a", "b", "b-c", "z"]));
        assert_eq!(sorted(&of(&["a", "b"])), of(&["a", "b"]));
    }

    #[test]
    fn templates_call_themselves_what_the_filter_is_called() {
        let name: ProjectName = "newest-minors".parse().expect("a name");
        assert_eq!(named("my-filter my_filter", &name), "newest-minors newest_minors");
    }
}
