//! What filters cost: compiling them, with and without a cache, and one call with many tags. In
//! this process, so that the wire and the registries are left out.

use crate::Fallible;
use crate::arguments::Arguments;
use crate::figures::{FilterRow, median};
use crossdock::filter::{Cache, Component, Filter, Image, Limits, Named, Needs, Request};
use crossdock::oci::{Digest, MediaType, Platform};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// Tags of one call.
const TAGS: u32 = 10_000;
/// A filter is compiled again, without a cache, while that has not taken longer: Python takes seconds.
const COMPILING_MS: f64 = 1000.0;

/// An example and the configuration that it is measured with.
struct Example {
    name: &'static str,
    language: &'static str,
    config: Value,
    tags: Tags,
}

/// What the tags look like.
#[derive(Clone, Copy)]
enum Tags {
    /// `v1.2.3`.
    Versions,
    /// `nightly-20260131`.
    Days,
}

pub(crate) fn measure(arguments: &Arguments) -> Fallible<Vec<FilterRow>> {
    let mut rows = Vec::new();
    let mut missing = Vec::new();
    for example in examples() {
        let path = arguments.filters.join(format!("{}.wasm", example.name));
        match path.is_file() {
            true => rows.push(measure_one(&example, &path, arguments.repetitions)?),
            false => missing.push(path.display().to_string()),
        }
    }
    print(&rows);
    match missing.is_empty() {
        true => Ok(rows),
        false => Err(format!("build these with `make filters-all`: {}", missing.join(", ")).into()),
    }
}

fn examples() -> [Example; 4] {
    let rules = json!([{ "match": "v(\\d+\\.\\d+\\.\\d+)", "to": "$1" }]);
    let example = |name, language, config, tags| Example { name, language, config, tags };
    [
        example("newest-minors", "Rust", json!({ "minors": 3 }), Tags::Versions),
        example("require-platforms", "C", json!({ "platforms": ["linux/amd64"] }), Tags::Versions),
        example("weekly-nightlies", "Python", json!({}), Tags::Days),
        example("rewrite-table", "JavaScript", json!({ "rules": rules }), Tags::Versions),
    ]
}

fn measure_one(example: &Example, path: &Path, repetitions: usize) -> Fallible<FilterRow> {
    let bytes = std::fs::read(path)?;
    let directory = tempfile::tempdir()?;
    let cache = Cache::new(directory.path().join("cache"));
    let make = |cache: Option<&Cache>| Component::new(example.name, &bytes, cache);
    let compiled_in = |component: &Component| {
        let took = component.inspection().compiled_in.ok_or("it was not compiled");
        took.map(|took| took.as_secs_f64() * 1000.0)
    };
    let component = make(Some(&cache))?;
    let mut compiled = vec![compiled_in(&component)?];
    while compiled.len() < repetitions && compiled.iter().sum::<f64>() < COMPILING_MS {
        compiled.push(compiled_in(&make(None)?)?);
    }
    let mut cached = Vec::new();
    for _ in 0..repetitions {
        let started = Instant::now();
        make(Some(&cache))?;
        cached.push(milliseconds(started));
    }
    let filter = Filter::new(&component, &example.config, Limits::default())?;
    let request = request(filter.needs(), example.tags);
    let mut calls = Vec::new();
    let mut used = Vec::new();
    for _ in 0..repetitions {
        let started = Instant::now();
        let decided = filter.decide(&request)?;
        calls.push(milliseconds(started));
        used.push(decided.used);
    }
    if used.iter().any(|one| one.fuel != used[0].fuel) {
        return Err(format!("{} used another amount of fuel in another call", example.name).into());
    }
    Ok(FilterRow {
        filter: example.name.to_owned(),
        language: example.language.to_owned(),
        size_bytes: bytes.len() as u64,
        tags: TAGS,
        compile_ms: median(compiled.into_iter()),
        cached_ms: median(cached.into_iter()),
        call_ms: median(calls.into_iter()),
        fuel: used[0].fuel,
        memory_bytes: used[0].memory_bytes,
    })
}

/// A request as large as real ones get, with the facts that are needed.
fn request(needs: Needs, tags: Tags) -> Request {
    let named = |path: &str| Named { registry: "registry.example".to_owned(), path: path.to_owned() };
    let mut images: Vec<Image> = (0..TAGS).filter_map(|number| image(needs, tags, number)).collect();
    images.sort_by(|one, other| one.tag.cmp(&other.tag));
    Request {
        source: named("library/example"),
        target: named("mirror/example"),
        images,
        now: needs.now.then_some(1_760_000_000),
    }
}

fn image(needs: Needs, tags: Tags, number: u32) -> Option<Image> {
    let tag = match tags {
        Tags::Versions => format!("v{}.{}.{}", number / 1000, number / 10 % 100, number % 10),
        Tags::Days => {
            format!("nightly-{}{:02}{:02}", 1996 + number / 336, number / 28 % 12 + 1, number % 28 + 1)
        }
    };
    let mut image = Image::plain(tag.parse().ok()?);
    if needs.digest {
        image.digest = Some(Digest::of(&number.to_le_bytes()));
        image.media_type = Some(MediaType::oci_index());
    }
    if needs.platforms {
        let names = ["linux/amd64", "linux/arm/v7", "linux/arm64"];
        image.platforms = names.iter().filter_map(|name| name.parse::<Platform>().ok()).collect();
    }
    if needs.config {
        image.created = Some(1_750_000_000 + i64::from(number));
    }
    Some(image)
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn print(rows: &[FilterRow]) {
    println!("\nFilters (medians; one call with {TAGS} tags)\n");
    println!(
        "{:<18} {:<10} {:>9} {:>10} {:>10} {:>9} {:>9} {:>8}",
        "", "", "KiB", "compile ms", "cached ms", "µs a tag", "fuel a tag", "MiB"
    );
    for row in rows {
        println!(
            "{:<18} {:<10} {:>9} {:>10.1} {:>10.2} {:>9.2} {:>9} {:>8.1}",
            row.filter,
            row.language,
            row.size_bytes / 1024,
            row.compile_ms,
            row.cached_ms,
            row.call_ms * 1000.0 / f64::from(row.tags),
            row.fuel / u64::from(row.tags),
            row.memory_bytes as f64 / f64::from(1 << 20),
        );
    }
}
