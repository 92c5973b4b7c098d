//! Dockerfiles: the images that stages begin with, that files are copied from, and that read the file.

mod lines;

use super::gathering::Gathered;
use super::interpolation::{Escape, interpolate};
use super::workload::{Container, Workload};
use crate::import::Site;
use lines::{Instruction, Lines, split, words};
use std::collections::{BTreeMap, BTreeSet};

/// The stage that has nothing in it.
const NOTHING: &str = "scratch";

/// A Dockerfile that is being read.
struct Reading<'r> {
    escape: char,
    /// Arguments from before the first stage, with their values.
    arguments: BTreeMap<String, Option<String>>,
    /// The names of all stages, in lower case.
    stages: BTreeSet<String>,
    at: &'r dyn Fn(u32) -> Site,
    found: Vec<Workload>,
}

/// Reads a file. `given` has the values of arguments, and `at` says where a line of it stands.
pub(super) fn read(
    text: &str,
    given: &dyn Fn(&str) -> Option<String>,
    at: &dyn Fn(u32) -> Site,
    gathered: &mut Gathered,
) -> Vec<Workload> {
    let Lines { syntax, escape, instructions, open } = lines::read(text);
    if let Some(line) = open {
        gathered.fault(at(line), "a here-document never ends", "end it with its name on a line of its own");
    }
    let from = |it: &&Instruction| it.name == "FROM";
    let stages = instructions.iter().filter(from).filter_map(|it| stage(it, escape).1).collect();
    let mut reading = Reading { escape, arguments: BTreeMap::new(), stages, at, found: Vec::new() };
    if let Some((line, image)) = syntax {
        reading.found("syntax", line, image);
    }
    let mut before = BTreeSet::new();
    let mut staged = false;
    for instruction in &instructions {
        match instruction.name.as_str() {
            "ARG" if !staged => reading.argument(instruction, given),
            "FROM" => {
                staged = true;
                let (image, name) = stage(instruction, escape);
                reading.begin(instruction.line, image.as_deref(), &before, gathered);
                before.extend(name);
            }
            _ => reading.copied(instruction.line, &instruction.name, &instruction.rest, gathered),
        }
    }
    reading.found
}

/// What a stage begins with, and its name.
fn stage(instruction: &Instruction, escape: char) -> (Option<String>, Option<String>) {
    let mut words = words(&instruction.rest, escape).into_iter().skip_while(|word| word.starts_with("--"));
    let image = words.next();
    let is_named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"));
    (image, words.next().filter(|_| is_named).map(|name| name.to_ascii_lowercase()))
}

impl Reading<'_> {
    fn found(&mut self, kind: &str, line: u32, image: String) {
        let container = Container { image, site: Some((self.at)(line)), ..Container::default() };
        let kind = kind.to_owned();
        self.found.push(Workload { kind, containers: vec![container], ..Workload::default() });
    }

    /// `ARG NAME`, `ARG NAME=default`, several of them.
    fn argument(&mut self, instruction: &Instruction, given: &dyn Fn(&str) -> Option<String>) {
        for word in words(&instruction.rest, self.escape) {
            let (name, default) = match word.split_once('=') {
                Some((name, default)) => (name, Some(default)),
                None => (word.as_str(), None),
            };
            let default = default.and_then(|text| self.said(&unquoted(text)).ok());
            self.arguments.insert(name.to_owned(), given(name).or(default));
        }
    }

    fn begin(&mut self, line: u32, image: Option<&str>, before: &BTreeSet<String>, gathered: &mut Gathered) {
        let Some(written) = image else {
            return gathered.fault((self.at)(line), "`FROM` names no image", "");
        };
        match self.said(&unquoted(written)) {
            Ok(image) if image == NOTHING || before.contains(&image.to_ascii_lowercase()) => {}
            Ok(image) => self.found("FROM", line, image),
            Err(why) => {
                let message = format!(
                    "the image `{written}`: {why}; give it with `--var NAME=VALUE`, as `--build-arg`"
                );
                gathered.left_out((self.at)(line), message);
            }
        }
    }

    /// `COPY --from=` and `RUN --mount=…,from=`, also where they wait for another build.
    fn copied(&mut self, line: u32, name: &str, rest: &str, gathered: &mut Gathered) {
        if name == "ONBUILD" {
            let (name, rest) = split(rest);
            // It waits for another only once.
            return if name == "ONBUILD" {
            } else {
                self.copied(line, &name, rest, gathered)
            };
        }
        for flag in words(rest, self.escape).into_iter().take_while(|word| word.starts_with("--")) {
            let flag = unquoted(&flag);
            let image = match name {
                "COPY" => flag.strip_prefix("--from="),
                "RUN" => flag.strip_prefix("--mount=").and_then(mounted),
                _ => None,
            };
            let is_stage = |image: &str| {
                self.stages.contains(&image.to_ascii_lowercase()) || image.chars().all(|c| c.is_ascii_digit())
            };
            let Some(image) = image.filter(|image| !is_stage(image) && *image != NOTHING) else { continue };
            if image.contains('$') {
                let message = format!("the image `{image}`: no variables are put in there");
                gathered.left_out((self.at)(line), message);
            } else {
                let kind = if name == "COPY" { "COPY --from" } else { "RUN --mount" };
                self.found(kind, line, image.to_owned());
            }
        }
    }

    /// A text with its arguments put in.
    fn said(&self, text: &str) -> Result<String, String> {
        let value = |name: &str| self.arguments.get(name).cloned().flatten();
        interpolate(text, Escape::Character(self.escape), &value).map_err(|missing| missing.words())
    }
}

/// What a mount takes its files from.
fn mounted(options: &str) -> Option<&str> {
    options.split(',').find_map(|option| option.trim().strip_prefix("from="))
}

/// A word without the quotes around it.
fn unquoted(word: &str) -> String {
    word.chars().filter(|c| !['"', '\''].contains(c)).collect()
}
