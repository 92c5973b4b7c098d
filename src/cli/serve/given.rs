//! What `serve` is given: places by their kind or as plain paths, and a file of users.

use super::Ended;
use crate::cli::early::Early;
use crate::oci::{Place, PlaceKind, Reference, Repository, RepositoryPath};
use crate::serve::{HTPASSWD_BYTES_MAX, Offer, Users};
use crate::store::ReadPlace;
use crate::store::archive::{ReadArchive, runs};
use crate::stores::open_place;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Opens the places that were named. Parts of one archive are one place.
pub(super) async fn offers(named: &[String], name: Option<&RepositoryPath>) -> Result<Vec<Offer>, Ended> {
    let (mut offers, mut archives) = (Vec::new(), Vec::new());
    for text in named {
        let place = place(text).map_err(|why| Ended::Early(Early::Invalid(why)))?;
        match place.kind {
            PlaceKind::Archive => archives.push(place.path),
            _ => {
                let opened = open_place(&place).await.map_err(Ended::Failed)?;
                offers.push(offer(&place, opened, name));
            }
        }
    }
    for run in runs(&archives).map_err(Ended::Failed)? {
        let path = match run.as_slice() {
            [first, _, ..] => first.with_extension(""),
            _ => run.first().cloned().unwrap_or_default(),
        };
        let place = Place { kind: PlaceKind::Archive, path };
        let opened: Arc<dyn ReadPlace> = Arc::new(ReadArchive::open_run(run).await.map_err(Ended::Failed)?);
        offers.push(offer(&place, opened, name));
    }
    Ok(offers)
}

fn offer(place: &Place, opened: Arc<dyn ReadPlace>, name: Option<&RepositoryPath>) -> Offer {
    let bare = name.cloned().or_else(|| name_of(&place.path));
    Offer { said: place.to_string(), place: opened, bare }
}

/// The place that a text names: with its kind before a colon, or a path of which we look what it is.
fn place(text: &str) -> Result<Place, String> {
    let has_kind = PlaceKind::ALL
        .iter()
        .any(|(word, ..)| text.split_once(':').is_some_and(|(before, _)| before == *word));
    if !has_kind {
        let path = PathBuf::from(text);
        return Ok(Place { kind: kind(&path), path });
    }
    let wrong = |why: &str| format!("{text} cannot be served: {why}");
    let reference: Reference = text.parse().map_err(|why| wrong(&format!("{why}")))?;
    match reference {
        Reference { repository: Repository::Local { place, name: None }, tag: None, digest: None } => {
            Ok(place)
        }
        _ => Err(wrong("name the whole place, without a repository, a tag or a digest")),
    }
}

/// What is at a path. What is nothing is taken for what it looks like, and opening it says what is wrong.
fn kind(path: &Path) -> PlaceKind {
    match path.is_dir() {
        true if path.join("docker/registry/v2").is_dir() => PlaceKind::RegistryData,
        true if path.join("manifest.json").is_file() && !path.join("oci-layout").exists() => {
            PlaceKind::Directory
        }
        true => PlaceKind::Layout,
        false => PlaceKind::Archive,
    }
}

/// The name of a repository for what lies at a path: that of the file or directory without `.tar`, in lower case;
/// none where that is no name.
fn name_of(path: &Path) -> Option<RepositoryPath> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    name.strip_suffix(".tar").unwrap_or(&name).parse().ok()
}

/// The users of a file.
pub(super) fn users(path: &Path) -> Result<Users, Early> {
    let wrong = |why: String| Early::Invalid(format!("--htpasswd {}: {why}", path.display()));
    let file = File::open(path).map_err(|why| wrong(why.to_string()))?;
    let mut text = String::new();
    file.take(HTPASSWD_BYTES_MAX + 1).read_to_string(&mut text).map_err(|why| wrong(why.to_string()))?;
    match text.len() as u64 > HTPASSWD_BYTES_MAX {
        true => Err(wrong(format!("it is larger than {HTPASSWD_BYTES_MAX} bytes"))),
        false => Users::read(&text).map_err(|why| wrong(why.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_by_its_kind_or_found_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = |name: &str| std::fs::create_dir_all(folder.path().join(name)).expect("writable");
        make("layout");
        make("data/docker/registry/v2");
        make("image");
        std::fs::write(folder.path().join("image/manifest.json"), "{}").expect("writable");
        let found =
            |name: &str| place(&folder.path().join(name).display().to_string()).map(|place| place.kind);
        assert_eq!(found("layout"), Ok(PlaceKind::Layout));
        assert_eq!(found("data"), Ok(PlaceKind::RegistryData));
        assert_eq!(found("image"), Ok(PlaceKind::Directory));
        assert_eq!(found("site.tar"), Ok(PlaceKind::Archive));
        assert_eq!(found("site.tar.001"), Ok(PlaceKind::Archive));
        assert_eq!(place("oci:a/b").map(|place| place.to_string()), Ok("oci:a/b".to_owned()));
        assert_eq!(place("docker-archive:a.tar").map(|place| place.kind), Ok(PlaceKind::DockerArchive));
        for text in ["oci:a:1.0", "oci:a//b", "oci:a//b:1.0"] {
            assert!(place(text).is_err_and(|why| why.contains("name the whole place")), "{text}");
        }
    }

    #[test]
    fn a_repository_is_called_as_its_file() {
        let name = |path: &str| name_of(Path::new(path)).map(|name| name.to_string()).unwrap_or_default();
        assert_eq!(name("/x/Site-1.tar"), "site-1");
        assert_eq!(name("/x/layout"), "layout");
        assert_eq!(
            (name("/x/__"), name("/"), name("/x/a b.tar")),
            (String::new(), String::new(), String::new())
        );
    }
}
