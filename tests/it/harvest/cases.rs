//! What holds for every case.

use super::case::{Case, lines};
use crossdock::import::{self, File, Tool};
use crossdock::oci::Repository;
use crossdock::spec;
use std::collections::BTreeSet;

/// How many cases there are at least.
const CASES_MIN: usize = 30;

#[test]
fn every_case_has_the_images_that_are_in_it_and_stays_as_it_is() {
    let cases = Case::all();
    assert!(cases.len() >= CASES_MIN, "{}", cases.len());
    for case in &cases {
        let listing = case.listed();
        assert_eq!(lines(&listing), case.images, "{}", case.name);
        let written = listing.spec("Made by a test.", &|_| None).expect("a spec");
        let notes: String = written.notes.iter().map(|note| format!("{note}\n")).collect();
        let (images, _) = listing.images_json();
        let told = format!("{}\n-- notes --\n{notes}\n-- images.json --\n{images}", written.text);
        insta::assert_snapshot!(case.name.clone(), told);
    }
}

#[test]
fn every_written_spec_loads_without_a_warning_and_mirrors_the_images() {
    for case in Case::all() {
        let listing = case.listed();
        let written = listing.spec("Made by a test.", &|_| None).expect("a spec");
        let spec = spec::load("crossdock.yaml", &written.text, &|_| None)
            .unwrap_or_else(|problems| panic!("{}: {problems}", case.name));
        assert!(spec.warnings.is_empty(), "{}: {:?}", case.name, spec.warnings);
        let rules: BTreeSet<(String, String)> = spec
            .mirrors
            .iter()
            .map(|rule| (rule.source.to_string(), rule.targets.iter().map(Repository::to_string).collect()))
            .collect();
        let images: BTreeSet<(String, String)> =
            listing.images.iter().map(|image| (image.source.to_string(), image.target.clone())).collect();
        assert_eq!(rules, images, "{}", case.name);
        assert_eq!(spec.estates.len(), listing.areas.len(), "{}", case.name);
    }
}

#[test]
fn what_is_written_for_image_migrator_is_what_it_reads() {
    let mut pairs = 0;
    for case in Case::all() {
        let (text, notes) = case.listed().images_json();
        let wanted = serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
        let wanted = wanted.as_object().expect("a mapping").len();
        if wanted == 0 {
            assert!(!notes.is_empty(), "{}", case.name);
            continue;
        }
        let file = File { name: "images.json".to_owned(), text: text.clone() };
        let imported = import::import(Tool::ImageMigrator, &[file], &import::Options::default(), &|_| None);
        let imported = imported.unwrap_or_else(|faults| panic!("{}: {faults:?}\n{text}", case.name));
        let spec = spec::load("crossdock.yaml", &imported.text, &|_| None).expect("a spec");
        assert_eq!(spec.mirrors.len(), wanted, "{}\n{}", case.name, imported.text);
        pairs += wanted;
    }
    assert!(pairs > 40, "{pairs}");
}
