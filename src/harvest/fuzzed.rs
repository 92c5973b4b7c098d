//! What holds for files that images are read from, whatever the bytes are.

use super::{Gathered, Input, Pins, Variables, Way, list, read};
use crate::import::{self, File, Tool};
use crate::spec;

/// Files are read without harm, as what their names say and as what a pipe has. What is said of them is
/// about lines that they have. What is written loads without a warning, and image-migrator's file is one.
pub fn harvest(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let named = |name: &&str| as_file(name, text);
    ["a.yaml", "Dockerfile", "<stdin>"].iter().filter(|name| named(name)).count() > 0
}

/// Reads a text as a file of this name; whether images are in it.
fn as_file(name: &str, text: &str) -> bool {
    let input = |way| Input {
        file: File { name: name.to_owned(), text: text.to_owned() },
        way,
        dotenv: Some(text.to_owned()),
    };
    let value = |name: &str| (name == "TAG").then(|| "1.2".to_owned());
    let variables = Variables { given: &|_| None, environment: &value };
    let gathered = read(&[input(Way::Named)], variables);
    read(&[input(Way::Found)], variables);
    let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    let Gathered { workloads, migrations, notes, faults } = &gathered;
    let containers = workloads.iter().flat_map(|workload| &workload.containers);
    let sites = containers.filter_map(|container| container.site.as_ref());
    let sites = sites.chain(notes.iter().filter_map(|note| note.site.as_ref()));
    let sites = sites.chain(migrations.iter().map(|migration| &migration.site));
    for site in sites.chain(faults.iter().filter_map(|fault| fault.site.as_ref())) {
        // What is missing is missing after the last line.
        assert!(site.line >= 1 && site.line <= lines + 1, "{site} of {lines} lines");
    }
    let listing = match list(gathered, Some("t.io/m"), Pins::Running) {
        Ok(listing) => listing,
        Err(faults) => {
            assert!(!faults.is_empty());
            return false;
        }
    };
    if let Ok(written) = listing.spec("Made by a test.", &value) {
        let loaded = spec::load("crossdock.yaml", &written.text, &|_| None);
        let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}\n{}", written.text));
        assert!(!loaded.mirrors.is_empty() || !loaded.estates.is_empty());
    }
    let (images, _) = listing.images_json();
    if images.contains(':') {
        let file = File { name: "images.json".to_owned(), text: images.clone() };
        let again = import::import(Tool::ImageMigrator, &[file], &import::Options::default(), &|_| None);
        assert!(again.is_ok(), "{images}\n{again:?}");
    }
    true
}
