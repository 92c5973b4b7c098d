//! Images that others name: manifests of Kubernetes, compose files, Dockerfiles, and workloads that somebody
//! has listed. They become a spec, or image-migrator's list. Reads no files: texts come in, a text goes out.

mod compose;
mod dockerfile;
mod documents;
mod dotenv;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod gathering;
mod interpolation;
mod listing;
mod manifests;
mod migration;
mod naming;
mod workload;
mod written;

pub use gathering::Gathered;
pub use listing::{Area, Image, Listing, Pins, Tagged, list};
pub use migration::Migration;
pub use workload::{Container, Labels, Workload};

use crate::import::{self, File};
use crate::spec::{PartKind, Tree};
use gathering::Sheet;
use std::collections::BTreeMap;

/// A file that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is called, and what is in it.
    pub file: File,
    /// How it came to be read.
    pub way: Way,
    /// The text of the `.env` file beside it.
    pub dotenv: Option<String>,
}

/// How a file came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Somebody named it: that nothing of it is understood is worth a word.
    Named,
    /// It lies in a folder that somebody named, maybe for another purpose.
    Found,
}

/// Where the values of variables come from.
#[derive(Clone, Copy)]
pub struct Variables<'v> {
    /// What was given for this run: arguments of Dockerfiles, and variables of compose files.
    pub given: &'v dyn Fn(&str) -> Option<String>,
    /// The environment: variables of compose files only.
    pub environment: &'v dyn Fn(&str) -> Option<String>,
}

/// Where a file has its values from.
#[derive(Clone, Copy)]
struct Sources<'v> {
    variables: Variables<'v>,
    dotenv: &'v BTreeMap<String, String>,
}

impl Sources<'_> {
    /// As compose looks them up: what was given, the environment, `.env`.
    fn ambient(self, name: &str) -> Option<String> {
        let known = (self.variables.given)(name).or_else(|| (self.variables.environment)(name));
        known.or_else(|| self.dotenv.get(name).cloned())
    }
}

/// What a file is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Dockerfile.
    Dockerfile,
    /// YAML or JSON.
    Documents,
}

/// What a file of this name is; none where it is neither.
pub fn kind(name: &str) -> Option<Kind> {
    let name = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".yaml", ".yml", ".json"]) {
        return Some(Kind::Documents);
    }
    let is_dockerfile = ["dockerfile", "containerfile"].iter().any(|word| {
        let rest = name.strip_prefix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') && rest != ".dockerignore")
            || name.strip_suffix(word).is_some_and(|rest| rest.ends_with('.'))
    });
    is_dockerfile.then_some(Kind::Dockerfile)
}

/// Reads files.
pub fn read(inputs: &[Input], variables: Variables<'_>) -> Gathered {
    let mut gathered = Gathered::default();
    for input in inputs {
        let text = &input.file.text;
        // What has a telling name is what its name says; a pipe has none.
        let is_dockerfile = match kind(&input.file.name) {
            Some(kind) => kind == Kind::Dockerfile,
            None => {
                let starts =
                    |line: &str| line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("FROM "));
                text.lines().any(starts)
            }
        };
        let ambient = |name: &str| (variables.given)(name).or_else(|| (variables.environment)(name));
        let dotenv = input.dotenv.as_deref().map(|text| dotenv::read(text, &ambient)).unwrap_or_default();
        let sources = Sources { variables, dotenv: &dotenv };
        let sheet = Sheet { file: input.file.name.as_str().into(), before: 0, sources };
        match is_dockerfile {
            true => {
                let found = dockerfile::read(text, variables.given, &|line| sheet.line(line), &mut gathered);
                gathered.workloads.extend(found);
            }
            false => documents(input, &sheet, &mut gathered),
        }
    }
    gathered
}

fn documents(input: &Input, sheet: &Sheet<'_>, gathered: &mut Gathered) {
    let whole = import::as_yaml(&input.file.text);
    let mut understood = false;
    for document in documents::documents(&whole) {
        let sheet = Sheet { before: document.before, ..sheet.clone() };
        let tree = match Tree::read(document.text) {
            Ok(tree) => tree,
            Err(problems) => {
                for problem in problems {
                    let site = sheet.site(problem.place);
                    match input.way {
                        _ if is_template(document.text) => {
                            let help = "render it: `helm template … | crossdock harvest files -`";
                            gathered.fault(site, "this is a template, and no YAML yet", help);
                            break;
                        }
                        Way::Found if !is_meant(document.text) => {
                            gathered.left_out(site, format!("it cannot be read: {}", problem.message));
                            break;
                        }
                        Way::Named | Way::Found => {
                            gathered.fault(site, problem.message, &problem.help.unwrap_or_default());
                        }
                    }
                }
                understood = true;
                continue;
            }
        };
        let root = tree.root();
        understood |= root.kind() == PartKind::Nothing
            || manifests::object(root, &sheet, gathered)
            || compose::compose(root, &sheet, gathered);
    }
    if !understood && input.way == Way::Named {
        let message = "it is neither a manifest of Kubernetes nor a compose file";
        gathered.left_out(sheet.line(1), message);
    }
}

/// Whether a text has what Helm puts something in place of.
fn is_template(text: &str) -> bool {
    text.contains("{{") && text.contains("}}")
}

/// Whether a text that is no YAML was meant to be a manifest.
fn is_meant(text: &str) -> bool {
    let has =
        |key: &str| text.lines().any(|line| line.trim_start_matches([' ', '{', '"', '-']).starts_with(key));
    has("apiVersion") && has("kind")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        let table = [
            ("a/b.yaml", Some(Kind::Documents)),
            ("compose.YML", Some(Kind::Documents)),
            ("-", None),
            ("a/Dockerfile", Some(Kind::Dockerfile)),
            ("Dockerfile.prod", Some(Kind::Dockerfile)),
            ("web.dockerfile", Some(Kind::Dockerfile)),
            ("Containerfile", Some(Kind::Dockerfile)),
            ("Dockerfile.dockerignore", None),
            ("mydockerfile", None),
            ("Dockerfile.yaml", Some(Kind::Documents)),
            ("README.md", None),
        ];
        for (name, expected) in table {
            assert_eq!(kind(name), expected, "{name}");
        }
    }
}
