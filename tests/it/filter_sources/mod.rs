//! Where filters come from: files, servers and registries; and what pins them.

mod https;
mod loading;
mod paths;
mod pin;
mod push;
mod real;
mod registries;
mod runs;

use crate::bed::digest::sha256;
use crossdock::components::{self, Fetched, LoadError};
use crossdock::oci::Digest;
use crossdock::spec::Spec;
use crossdock::store::registry::Environment;
use crossdock::stores::ReadStores;
use std::collections::{BTreeMap, BTreeSet};

/// A spec with these lines under `registries` and `filters`.
fn text(registries: &str, filters: &str) -> String {
    let below = |text: &str| text.lines().map(|line| format!("  {line}\n")).collect::<String>();
    format!(
        "version: 1\nregistries:\n  unused.test: {{ plain_http: true }}\n{}filters:\n{}\
         mirrors:\n  - {{ source: alpine, target: unused.test/alpine, filter: f }}\n",
        below(registries),
        below(filters)
    )
}

/// The same, read; pins may be missing.
fn spec(registries: &str, filters: &str) -> Spec {
    let text = text(registries, filters);
    match crossdock::spec::load_to_pin("crossdock.yaml", &text, &|_| None) {
        Ok(pinnable) => pinnable.spec,
        Err(problems) => panic!("{problems}\n{text}"),
    }
}

fn stores(spec: &Spec) -> ReadStores {
    ReadStores::new(Some(spec), Environment::of(BTreeMap::<String, String>::new()))
}

/// Runs something that waits.
fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime can be made").block_on(work)
}

/// Fetches the filter `f`.
fn fetched(spec: &Spec) -> Result<Fetched, LoadError> {
    wait(components::fetch("f", &spec.filters["f"], &stores(spec)))
}

/// What is said when the filter `f` cannot be fetched: the error and what to do.
fn told(spec: &Spec) -> String {
    match fetched(spec) {
        Ok(fetched) => panic!("it was fetched: {}", fetched.digest),
        Err(error) => format!("{error}\n  {}", error.hint().unwrap_or("no hint")),
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The digits of the SHA-256.
fn hex(bytes: &[u8]) -> String {
    sha256(bytes).trim_start_matches("sha256:").to_owned()
}

fn digest(bytes: &[u8]) -> Digest {
    sha256(bytes).parse().expect("a digest")
}
