//! The spec: YAML text becomes a checked value, or every problem with its place. Reads no files.

#[macro_use]
mod shape;

mod check;
mod compose;
mod estate;
mod filter;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
pub mod gates;
mod identity;
mod mask;
mod node;
mod pin;
mod problem;
mod problems;
mod registry;
mod registry_auth;
mod render;
mod rule;
mod schema;
mod source;
mod substitute;
mod suggest;
mod tree;

#[cfg(test)]
mod tests;

pub use crate::form::{Format, IndexMode, Platforms};
pub use estate::Estate;
pub use filter::{FUEL_PER_IMAGE_MAX, FUEL_PER_IMAGE_MIN, MEMORY_MIB_MAX, MEMORY_MIB_MIN};
pub use filter::{FilterDeclaration, FilterLimits, FilterSource};
pub use gates::{Denied, Gates};
pub use pin::{NotInPlace, Pin, Pinnable, Pinned};
pub use problem::{Code, Place, Problem, Related, Severity, Span};
pub use problems::Problems;
pub use registry_auth::{RegistryAuth, registry_auth};
pub use rule::{Aliases, OnExisting, Referrers, Rule};
pub use schema::schema;
pub use suggest::nearest_name;
pub use tree::{Entry, Part, PartKind, Tree};

use crate::access::{RegistrySettings, Scope};
use crate::oci::Digest;
use identity::IdentityWord;
use rule::PerWord;
use shape::{Reading, Shape, SpecShape};
use source::Source;
use std::collections::BTreeMap;

/// The version of the spec format that this program reads.
pub const VERSION: u64 = 1;

/// What a spec says.
#[derive(Debug, Clone)]
pub struct Spec {
    /// How registries are spoken to; the longest scope that fits a repository wins.
    pub registries: BTreeMap<Scope, RegistrySettings>,
    /// The filters that rules can name.
    pub filters: BTreeMap<String, FilterDeclaration>,
    /// The rules about one repository each, in the order of the text.
    pub mirrors: Vec<Rule>,
    /// The rules about many repositories, in the order of the text. There is a rule of one kind at least.
    pub estates: Vec<Estate>,
    /// The digest of the text.
    pub sha256: Digest,
    /// What is probably not meant.
    pub warnings: Vec<Problem>,
}

/// Reads a spec. `file_name` is for messages; `env` gives the value of an environment variable.
///
/// # Errors
/// Every problem that the text has, warnings among them, if one of them makes it unusable.
pub fn load(file_name: &str, text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Spec, Problems> {
    load_but(file_name, text, env, &[]).map(|pinnable| pinnable.spec)
}

/// Reads a spec whose filters need not be pinned yet.
///
/// # Errors
/// As [`load`], but for filters that lack a pin.
pub fn load_to_pin(
    file_name: &str,
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Pinnable, Problems> {
    load_but(file_name, text, env, &[Code::UnpinnedFilter])
}

/// Reads a spec, and does not mind problems of some kinds.
fn load_but(
    file_name: &str,
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
    allowed: &[Code],
) -> Result<Pinnable, Problems> {
    let source = Source::new(text);
    let mut reading = Reading::new(&source, env);
    let checked = read(&mut reading);
    let Reading { mut problems, secrets, .. } = reading;
    problems.retain(|problem| !allowed.contains(&problem.code));
    let problems = Problems::with_secrets(file_name, source.text, problems, secrets);
    match checked {
        Some(check::Checked { registries, filters, sites, rules, estates }) if !problems.has_errors() => {
            let sha256 = Digest::of(text.as_bytes());
            let warnings = problems.into_list();
            let spec = Spec { registries, filters, mirrors: rules, estates, sha256, warnings };
            Ok(Pinnable::new(spec, sites))
        }
        _ => Err(problems),
    }
}

fn read(reading: &mut Reading<'_>) -> Option<check::Checked> {
    let root = compose::compose(reading.source, &mut reading.problems)?;
    let shape = SpecShape::read(&root, reading)?;
    if let Some(version) = shape.version.given().filter(|version| version.value.value != VERSION) {
        // Whatever this program thinks of the rest would be wrong.
        reading.problems.clear();
        let message = format!("this program reads version {VERSION} of the spec format, and this is another");
        let help = format!("write `version: {VERSION}`, or use a program that reads the version you need");
        reading.problem(Code::UnsupportedVersion, version.span, message, Some(help));
        return None;
    }
    Some(check::check(&shape, reading))
}
