//! A case: files as people have them, and by hand the images that are in them.
//!
//! A case is one text file. `-- NAME --` begins a file of it; what stands before the first are flags and
//! variables of the environment: `--pin`, `--var NAME=value`, `NAME=value`. `.env` is what lies beside all of
//! them, and `-- images --` is what is expected, line by line: `source:tag -> target`.

use crossdock::harvest::{self, Image, Input, Listing, Pins, Variables, Way};
use crossdock::import::{Fault, File};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One case.
pub struct Case {
    pub name: String,
    pub images: String,
    inputs: Vec<Input>,
    target: Option<String>,
    pins: Pins,
    given: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
}

impl Case {
    /// Every case, in the order of their names.
    pub fn all() -> Vec<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/harvest/cases");
        let entries = std::fs::read_dir(folder).expect("a folder with cases");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths.iter().map(Self::of).collect()
    }

    fn of(path: &PathBuf) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let text = format!("\n{text}");
        let mut parts = text.split("\n-- ");
        let mut case = Self {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            images: String::new(),
            inputs: Vec::new(),
            target: Some("t.io/m".to_owned()),
            pins: Pins::Written,
            given: BTreeMap::new(),
            environment: BTreeMap::new(),
        };
        parts.next().into_iter().flat_map(str::lines).for_each(|line| case.set(line));
        let mut dotenv = None;
        for part in parts {
            let (name, text) = part.split_once(" --\n").expect("a name and a text");
            let text = format!("{}\n", text.trim_end_matches('\n'));
            match name {
                "images" => case.images = text,
                ".env" => dotenv = Some(text),
                name => {
                    let file = File { name: name.to_owned(), text };
                    case.inputs.push(Input { file, way: Way::Named, dotenv: None });
                }
            }
        }
        case.inputs.iter_mut().for_each(|input| input.dotenv.clone_from(&dotenv));
        case
    }

    fn set(&mut self, line: &str) {
        let pair = |text: &str| {
            let (name, value) = text.split_once('=').expect("a name and a value");
            (name.to_owned(), value.to_owned())
        };
        match line.split_once(' ').unwrap_or((line, "")) {
            ("", _) => {}
            ("--pin", _) => self.pins = Pins::Running,
            ("--no-target", _) => self.target = None,
            ("--target", target) => self.target = Some(target.to_owned()),
            ("--var", text) => self.given.extend([pair(text)]),
            _ => self.environment.extend([pair(line)]),
        }
    }

    /// What is found in the files.
    pub fn list(&self) -> Result<Listing, Vec<Fault>> {
        let environment = |name: &str| self.environment.get(name).cloned();
        let variables = Variables { given: &|name| self.given.get(name).cloned(), environment: &environment };
        harvest::list(harvest::read(&self.inputs, variables), self.target.as_deref(), self.pins)
    }

    /// What is found in the files, which must go well.
    pub fn listed(&self) -> Listing {
        self.list().unwrap_or_else(|faults| {
            let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{}: {}", self.name, told.join("\n"))
        })
    }
}

/// The images of a listing, line by line.
pub fn lines(listing: &Listing) -> String {
    let areas = listing.areas.iter().map(|area| format!("{} -> {}\n", area.source, area.target));
    let of = |image: &Image| {
        let line = |(tag, tagged): (&crossdock::oci::Tag, &harvest::Tagged)| {
            let pin = tagged.pin.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default();
            format!("{}:{tag}{pin} -> {}\n", image.source, image.target)
        };
        image.tags.iter().map(line).collect::<String>()
    };
    areas.chain(listing.images.iter().map(of)).collect()
}
