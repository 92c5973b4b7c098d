//! Filters that are ready: several at once, the same bytes once, and one error of several.

use super::{digest, names, spec, stores, wait};
use crate::bed::component::keeps_all;
use crate::bed::files::{Files, Reply};
use crossdock::components::{self, Filters, LoadError};
use crossdock::spec::Spec;
use std::fs;

fn loaded(spec: &Spec, wanted: &[&str]) -> Result<Filters, LoadError> {
    wait(components::load(spec, &names(wanted), &stores(spec), None))
}

#[test]
fn every_filter_that_is_named_is_loaded_and_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (one, other) = (keeps_all("one"), keeps_all("other"));
    fs::write(folder.path().join("one.wasm"), &one).expect("a file can be written");
    let files = Files::start();
    files.put("/other.wasm", &[Reply::File(other.clone())]);
    let path = folder.path().display();
    let url = files.url("/other.wasm");
    let filters = format!(
        "f: {{ wasm: {path}/one.wasm }}\ng: {{ wasm: {path}/one.wasm, config: {{ a: 1 }} }}\n\
         h: {{ wasm: \"{url}\", sha256: {} }}\nunused: {{ wasm: {path}/missing.wasm }}",
        super::hex(&other)
    );
    let spec = spec(&files.trusted(""), &filters);
    let loaded = loaded(&spec, &["f", "g", "h"]).expect("they keep to the contract");
    let found: Vec<_> =
        loaded.iter().map(|(key, filter)| (key.as_str(), filter.name(), filter.digest())).collect();
    let (one, other) = (digest(&one), digest(&other));
    assert_eq!(found, [("f", "f", &one), ("g", "g", &one), ("h", "h", &other)]);
    assert_eq!(files.paths().len(), 1);
}

#[test]
fn of_several_errors_that_of_the_first_name_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("text.wasm"), "not WebAssembly").expect("a file can be written");
    let path = folder.path().display();
    let filters = format!(
        "f: {{ wasm: {path}/missing.wasm }}\nb: {{ wasm: {path}/text.wasm }}\nc: {{ wasm: {path}/text.wasm }}"
    );
    let spec = spec("", &filters);
    for (wanted, filter) in
        [(["b", "c", "f"].as_slice(), "b"), (&["c", "f"], "c"), (&["f", "undeclared"], "f")]
    {
        match loaded(&spec, wanted).map(|_| ()).expect_err("they are wrong") {
            LoadError::Filter(error) => assert_eq!(error.filter, filter),
            LoadError::Store(failure) => panic!("{failure}"),
        }
    }
}
