//! Runs the corpus, and thousands of inputs near it, through the functions that `cargo fuzz` calls.

use super::{Property, TARGETS};
use crate::laws;
use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::thread;

/// Inputs near the corpus of each target, for each case of a law: some thousands, and more where more
/// cases are asked for.
const INPUTS_FOR_A_CASE: usize = 10;
/// Targets of which each input takes some milliseconds: reports of every format are made with it. They get
/// one for two cases.
const SLOW: [&str; 1] = ["escapers"];
/// The longest input: above the limits that headers have.
const LONG_BYTES: usize = 80_000;
/// Most changes that lead from a seed to an input.
const CHANGES_MAX: usize = 4;
/// What is put into an input: what means something to some parser, and what should mean nothing.
const PIECES: [&str; 34] = [
    "\"",
    "'",
    "\\",
    ",",
    ":",
    ";",
    "/",
    "//",
    "@",
    "#",
    "%",
    "<",
    ">",
    "{",
    "}",
    "[",
    "]",
    "=",
    "\n",
    "\0",
    "\t",
    "::",
    "##[",
    "../",
    "${A}",
    "null",
    "-1",
    "18446744073709551616",
    "1e999",
    "\u{202e}",
    "\u{1b}[2J",
    "sha256:",
    "&a",
    "*a",
];

/// The seeds of a target, with their names. Specs have more of them, beside what is wrong with each.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut folders = vec![format!("fuzz/corpus/{name}")];
    if name == "spec" {
        folders.extend(["tests/it/good_specs", "tests/it/bad_specs"].map(str::to_owned));
    }
    let mut seeds = Vec::new();
    for folder in folders {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
        let files = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
        for file in files {
            let path = file.expect("the repository can be read").path();
            seeds.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
    seeds.sort();
    seeds
}

/// Whether the input was what it should be; fails with the input where it breaks the property.
fn run(name: &str, property: Property, told: &str, bytes: &[u8]) -> bool {
    catch_unwind(|| property(bytes))
        .unwrap_or_else(|_| panic!("{name}: {told}: {:?}", String::from_utf8_lossy(bytes)))
}

/// An input near a seed, by a generator that gives the same each time.
fn near(seeds: &[(String, Vec<u8>)], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = seeds[random.usize(..seeds.len())].1.clone();
    for _ in 0..random.usize(1..=CHANGES_MAX) {
        let at = random.usize(..=bytes.len());
        let end = (at + random.usize(..=8)).min(bytes.len());
        match random.u8(..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
            // The end of another seed.
            3 => {
                let other = &seeds[random.usize(..seeds.len())].1;
                bytes.truncate(at);
                bytes.extend_from_slice(&other[random.usize(..=other.len())..]);
            }
            _ => {
                let piece = PIECES[random.usize(..PIECES.len())];
                drop(bytes.splice(at..end.min(at + 1), piece.bytes()));
            }
        }
    }
    bytes
}

fn all_inputs(name: &str, property: Property) -> usize {
    let seeds = corpus(name);
    let read = seeds.iter().filter(|(file, bytes)| run(name, property, file, bytes)).count();
    assert!(seeds.len() >= 12, "the corpus of {name} has {} seeds", seeds.len());
    assert!(read >= 3 && seeds.len() - read >= 3, "{name}: {read} of {} are read", seeds.len());
    // All of them in one, for limits of length.
    let together: Vec<&[u8]> = seeds.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let long = together.join(&b'\n').repeat(LONG_BYTES / together.concat().len() + 1);
    run(name, property, "all seeds again and again", &long);
    let cases = laws::cases() as usize;
    let count = if SLOW.contains(&name) { cases / 2 } else { INPUTS_FOR_A_CASE * cases };
    let mut random = fastrand::Rng::with_seed(0xc0de);
    for number in 0..count {
        run(name, property, &format!("input {number}"), &near(&seeds, &mut random));
    }
    seeds.len() + 1 + count
}

#[test]
fn the_corpus_and_what_is_near_it_breaks_no_property() {
    let counts: Vec<usize> = thread::scope(|scope| {
        let start = |(name, property): &(&'static str, Property)| {
            let (name, property) = (*name, *property);
            scope.spawn(move || all_inputs(name, property))
        };
        let running: Vec<_> = TARGETS.iter().map(start).collect();
        running.into_iter().map(|one| one.join().expect("a target failed: see above")).collect()
    });
    laws::count("fuzz inputs", counts.iter().sum());
}

#[test]
fn every_property_has_a_program_and_every_program_is_a_property() {
    let manifest = include_str!("../../fuzz/Cargo.toml");
    let lines = manifest.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    let mut programs: Vec<&str> = lines.filter(|name| *name != "crossdock-fuzz").collect();
    programs.sort_unstable();
    assert_eq!(programs, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
