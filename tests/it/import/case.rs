//! A case: files as people have them, and by hand what their tool would mirror.
//!
//! A case is one text file. `-- NAME --` begins a file of it; what stands before the first are the flags and
//! variables, one on a line: `--qps 100`, `NAME=value`. `-- selects --` is what is expected, line by line.

use super::world::World;
use crossdock::import::{self, Existing, Fault, File, Imported, Options, Platforms, Tool};
use crossdock::spec::{self, Spec};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// One case.
pub struct Case {
    pub tool: Tool,
    pub name: String,
    pub files: Vec<File>,
    pub options: Options,
    pub variables: BTreeMap<String, String>,
    pub selects: BTreeSet<String>,
}

impl Case {
    /// Every case of every tool, in the order of their names.
    pub fn all() -> Vec<Self> {
        let folder = folder();
        let mut cases = Vec::new();
        for tool in Tool::ALL {
            let entries = std::fs::read_dir(folder.join(tool.as_str())).expect("a folder for each tool");
            let names: BTreeSet<String> = entries
                .map(|entry| entry.expect("an entry").path())
                .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
                .collect();
            cases.extend(names.iter().map(|name| Self::of(*tool, name)));
        }
        cases
    }

    /// The case with this name.
    pub fn of(tool: Tool, name: &str) -> Self {
        let path = folder().join(tool.as_str()).join(format!("{name}.txt"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let text = format!("\n{text}");
        let mut parts = text.split("\n-- ");
        let head = parts.next().unwrap_or_default();
        let (mut options, mut variables) = (Options::default(), BTreeMap::new());
        for line in head.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            match line.strip_prefix("--") {
                Some(flag) => set(&mut options, flag),
                None => {
                    let (name, value) = line.split_once('=').expect("a variable and its value");
                    variables.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        let mut files: Vec<File> = parts
            .map(|part| part.split_once(" --\n").expect("a name and a text"))
            .map(|(name, text)| File { name: name.to_owned(), text: format!("{}\n", text.trim_end()) })
            .collect();
        let at = files.iter().position(|file| file.name == "selects").expect("what is selected");
        let selects =
            files.remove(at).text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        Self { tool, name: name.to_owned(), files, options, variables, selects }
    }

    pub fn import(&self) -> Result<Imported, Vec<Fault>> {
        import::import(self.tool, &self.files, &self.options, &|name| self.variables.get(name).cloned())
    }

    /// What the files become, which must go well.
    pub fn imported(&self) -> Imported {
        self.import().unwrap_or_else(|faults| {
            let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{}: {}", self.name, told.join("\n"))
        })
    }

    /// The spec as `--from` runs it: with what the files have for variables.
    pub fn spec(&self, imported: &Imported) -> Spec {
        let env = |name: &str| imported.value(name).or_else(|| self.variables.get(name).cloned());
        spec::load("crossdock.yaml", &imported.text, &env).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Fails unless exactly that is selected which the case says.
    pub fn check(&self, world: &World) -> Imported {
        let imported = self.imported();
        let selected = world.selected(&self.spec(&imported));
        let place = format!("{}/{}", self.tool.as_str(), self.name);
        assert_eq!(lines(&selected), lines(&self.selects), "{place}\n{}", imported.text);
        imported
    }
}

fn lines(set: &BTreeSet<String>) -> String {
    set.iter().map(|line| format!("{line}\n")).collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/import/cases")
}

fn set(options: &mut Options, flag: &str) {
    let (name, value) = flag.split_once(' ').unwrap_or((flag, ""));
    let text = value.to_owned();
    match name {
        "registry" => options.registry = Some(text),
        "namespace" | "ns" => options.namespace = Some(text),
        "qps" => options.requests_per_second = Some(value.parse().expect("a number")),
        "os" => options.os.push(text),
        "arch" => options.arch.push(text),
        "plain-http" => options.plain_http.push(text),
        "tag-exist-overridden" if value == "false" => options.existing = Existing::Kept,
        "destination" => options.destination = Some(text),
        "append-suffix" => options.append_suffix = Some(text),
        "scoped" => options.scoped = true,
        "all" => options.platforms = Platforms::All,
        _ => panic!("no case knows --{flag}"),
    }
}
