//! The quickstart's images are what its generator makes, and what its spec asks for.

use crate::layout_images::assert_whole;
use crossdock::colour::Colour;
use crossdock::oci::Repository;
use crossdock::spec::load;
use crossdock::store::ReadPlace;
use crossdock::store::layout::ReadLayout;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[expect(dead_code, reason = "an example has a `main`, which is not called here")]
#[path = "../../examples/quickstart/make-source.rs"]
mod make_source;

fn quickstart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart")
}

/// Every file below `directory` with its bytes, by its path in it.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = PathBuf::from(path.file_name().expect("named"));
        match path.is_dir() {
            true => found.extend(contents(&path).into_iter().map(|(below, bytes)| (name.join(below), bytes))),
            false => drop(found.insert(name, fs::read(&path).expect("readable"))),
        }
    }
    found
}

#[tokio::test]
async fn making_the_images_again_gives_the_same_bytes() {
    let directory = tempfile::tempdir().expect("a directory");
    make_source::make(directory.path()).await.expect("made");
    let (made, kept) = (contents(directory.path()), contents(&quickstart().join("source")));
    assert_eq!(made.keys().collect::<Vec<_>>(), kept.keys().collect::<Vec<_>>());
    for (path, bytes) in made {
        assert!(kept[&path] == bytes, "{} differs: run the generator again", path.display());
    }
}

#[test]
fn the_images_are_whole_and_small() {
    let source = quickstart().join("source");
    assert_whole(&source);
    let bytes: usize = contents(&source).values().map(Vec::len).sum();
    assert!(bytes < 300 * 1024, "{bytes} bytes");
}

#[tokio::test]
async fn the_spec_takes_and_renames_what_its_comments_say() {
    let text = fs::read_to_string(quickstart().join("crossdock.yaml")).expect("the spec");
    let spec = match load("crossdock.yaml", &text, &|_| None) {
        Ok(spec) => spec,
        Err(problems) => panic!("{}", problems.render(Colour::Never)),
    };
    assert!(spec.warnings.is_empty(), "{:?}", spec.warnings);
    let mut taken = String::new();
    for rule in &spec.mirrors {
        let Repository::Local { place, name } = &rule.source else { panic!("{}", rule.name) };
        let layout = ReadLayout::open(&quickstart().join(&place.path)).await.expect("a layout");
        let listed = layout.reader(name.clone()).tags().await.expect("readable").expect("there");
        let chosen = rule.selection.choose(&listed);
        let tags: Vec<String> = chosen.iter().filter_map(|v| v.target()).map(ToString::to_string).collect();
        let targets: Vec<String> = rule.targets.iter().map(ToString::to_string).collect();
        writeln!(taken, "{}: {}", targets.join(", "), tags.join(" ")).expect("memory");
    }
    insta::assert_snapshot!(taken);
}

#[test]
fn skopeo_copies_an_image_of_the_quickstart() {
    let directory = tempfile::tempdir().expect("a directory");
    let source =
        format!("oci:{}:registry.example.com/shop/web:latest", quickstart().join("source").display());
    let target = format!("oci:{}:latest", directory.path().display());
    let copied = Command::new("skopeo")
        .args(["--insecure-policy", "copy", "--all", "--preserve-digests", &source, &target])
        .output()
        .expect("skopeo is installed (apt-get install skopeo)");
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    assert_whole(directory.path());
}
