//! What others run from this repository: actions, workflows, templates, examples on pages. Each says what
//! the code says.

mod descriptions;
mod metadata;
mod pages;
mod pins;
mod release;
mod templates;
mod workflows;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(place(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn place(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The files below a directory, by their paths from the root.
fn below(directory: &str) -> Vec<String> {
    let (mut open, mut found) = (vec![place(directory)], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a directory").flatten() {
            match entry.path() {
                path if path.is_dir() => open.push(path),
                path => {
                    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("it is below");
                    found.push(path.display().to_string());
                }
            }
        }
    }
    found.sort();
    found
}

/// The YAML documents of a text.
fn documents(name: &str, text: &str) -> Vec<Value> {
    let documents = text.split("\n---\n").filter(|document| !document.trim().is_empty());
    let read = |document: &str| {
        serde_yaml::from_str(document).unwrap_or_else(|why| panic!("{name} is not YAML: {why}"))
    };
    documents.map(read).collect()
}

/// A YAML file of the repository with one document.
fn document(path: &str) -> Value {
    documents(path, &read(path)).swap_remove(0)
}

/// Every text of a document, with the keys above it.
fn texts(value: &Value) -> Vec<(String, String)> {
    let below = |key: &str, value: &Value| -> Vec<(String, String)> {
        texts(value).into_iter().map(|(path, text)| (format!("{key}.{path}"), text)).collect()
    };
    match value {
        Value::String(text) => vec![(String::new(), text.clone())],
        Value::Array(values) => values.iter().flat_map(|value| below("*", value)).collect(),
        Value::Object(object) => object.iter().flat_map(|(key, value)| below(key, value)).collect(),
        _ => Vec::new(),
    }
}
