//! Files of other tools become a spec, with comments that say where each line came from, and a list of
//! what differs. Reads no files: texts come in, a text goes out.
//!
//! What a file keeps secret is never in the text: there is a variable in its place.

mod credentials;
mod draft;
mod dregsy;
mod expand;
mod image_migrator;
mod image_syncer;
mod image_transfer;
mod json;
mod ocync;
mod page;
mod pairs;
mod planned;
mod reading;
mod reference;
mod regsync;
mod said;
mod semver;
mod skopeo;
mod template;
mod written;

#[cfg(test)]
mod laws;

pub use planned::planned;
pub use said::{Fault, Note, NoteKind, Site};

use crate::spec::{self, Severity};
use draft::Draft;
use page::Page;
use secrecy::{ExposeSecret as _, SecretString};

/// The environment of a run: the value of a variable.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A tool whose files can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// image-syncer: one file, or `auth` and `images`.
    ImageSyncer,
    /// image-transfer: `security.yaml` and `rule.yaml`.
    ImageTransfer,
    /// image-migrator: `auth.json` and `images.json`.
    ImageMigrator,
    /// `skopeo sync --src yaml`.
    Skopeo,
    /// regsync.
    Regsync,
    /// dregsy.
    Dregsy,
    /// ocync.
    Ocync,
}

/// A file that is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is called in messages and comments.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What those tools are told on their command lines, as far as it changes what is mirrored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where images go that have no target.
    pub registry: Option<String>,
    /// Where in that registry.
    pub namespace: Option<String>,
    /// What happens to tags that the target has already.
    pub existing: Existing,
    /// Requests that may start in one second.
    pub requests_per_second: Option<u32>,
    /// Operating systems; none means all.
    pub os: Vec<String>,
    /// Architectures; none means all.
    pub arch: Vec<String>,
    /// Registries that speak HTTP without TLS: `host` or `host:port`.
    pub plain_http: Vec<String>,
    /// Where skopeo puts all images: `registry/path`.
    pub destination: Option<String>,
    /// Whether skopeo puts the whole name of an image below that.
    pub scoped: bool,
    /// What skopeo puts behind every tag.
    pub append_suffix: Option<String>,
    /// How much of an image skopeo copies.
    pub platforms: Platforms,
    /// The platform of the machine that copies: `os/architecture`.
    pub platform: String,
}

/// How much of an image is copied by a tool that has a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Platforms {
    /// What the machine runs that copies.
    #[default]
    OfHost,
    /// All of it.
    All,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            registry: None,
            namespace: None,
            existing: Existing::default(),
            requests_per_second: None,
            os: Vec::new(),
            arch: Vec::new(),
            plain_http: Vec::new(),
            destination: None,
            scoped: false,
            append_suffix: None,
            platforms: Platforms::default(),
            platform: "linux/amd64".to_owned(),
        }
    }
}

/// What happens to tags that the target has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// They are moved.
    #[default]
    Overridden,
    /// They stay.
    Kept,
}

/// What files became.
#[derive(Debug)]
pub struct Imported {
    /// The spec, which loads without a problem or a warning.
    pub text: String,
    /// What differs, in the order of the files.
    pub notes: Vec<Note>,
    /// The variables that the spec names.
    pub variables: Vec<Variable>,
    /// Where each line of the text came from.
    origins: Vec<Option<Site>>,
}

/// A variable that the spec names.
#[derive(Debug)]
pub struct Variable {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub what: String,
    /// Where what it is for stands.
    pub site: Site,
    /// What stands there; none where a variable of this name does.
    value: Option<SecretString>,
}

/// Most faults that are told of one import.
const FAULTS_MAX: usize = 500;

impl Tool {
    /// Every tool.
    pub const ALL: &[Self] = &[
        Self::ImageSyncer,
        Self::ImageTransfer,
        Self::ImageMigrator,
        Self::Skopeo,
        Self::Regsync,
        Self::Dregsy,
        Self::Ocync,
    ];

    /// What it is called.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ImageSyncer => "image-syncer",
            Self::ImageTransfer => "image-transfer",
            Self::ImageMigrator => "image-migrator",
            Self::Skopeo => "skopeo",
            Self::Regsync => "regsync",
            Self::Dregsy => "dregsy",
            Self::Ocync => "ocync",
        }
    }
}

impl Imported {
    /// Where a line of the text came from, from 1.
    pub fn origin(&self, line: u32) -> Option<&Site> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        self.origins.get(index)?.as_ref()
    }

    /// The value that a file has for a variable.
    pub fn value(&self, name: &str) -> Option<String> {
        let variable = self.variables.iter().find(|variable| variable.name == name)?;
        variable.value.as_ref().map(|value| value.expose_secret().to_owned())
    }

    /// Whether the variable must be set by whoever runs the spec, because the text does not have what a
    /// file has.
    pub fn must_be_set(variable: &Variable) -> bool {
        variable.value.is_some()
    }
}

/// Makes a spec of the files of a tool.
///
/// # Errors
/// Everything that is wrong with the files, up to [`FAULTS_MAX`].
pub fn import(
    tool: Tool,
    files: &[File],
    options: &Options,
    env: Environment<'_>,
) -> Result<Imported, Vec<Fault>> {
    let mut draft = Draft::new(options, env);
    match tool {
        Tool::ImageSyncer => image_syncer::read(files, &mut draft),
        Tool::ImageTransfer => image_transfer::read(files, &mut draft),
        Tool::ImageMigrator => image_migrator::read(files, &mut draft),
        Tool::Skopeo => skopeo::read(files, &mut draft),
        Tool::Regsync => regsync::read(files, &mut draft),
        Tool::Dregsy => dregsy::read(files, &mut draft),
        Tool::Ocync => ocync::read(files, &mut draft),
    }
    credentials::reach(&mut draft);
    if !matches!(tool, Tool::Regsync | Tool::Ocync) {
        let message =
            "signatures, attestations and SBOMs go with their images; `referrers: none` leaves them out";
        draft.changed(None, message);
    }
    if draft.rules.is_empty() && draft.faults.is_empty() {
        let help = "name the file with the images too";
        draft.fault(None, "the files name no image that could be mirrored", help);
    }
    if !draft.faults.is_empty() {
        return Err(told(draft.faults));
    }
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let head = format!("Made by `crossdock import --from {}` of {}.", tool.as_str(), names.join(", "));
    checked(&[head], draft)
}

/// Writes the spec, and looks at it as whoever reads it will.
fn checked(head: &[String], mut draft: Draft<'_>) -> Result<Imported, Vec<Fault>> {
    let page = Page::of(&draft, head);
    let at = |line: u32| page.origins.get(usize::try_from(line).ok()?.checked_sub(1)?)?.clone();
    // What stands in variables is no matter of the text.
    let env =
        |name: &str| Some((draft.env)(name).filter(|value| !value.is_empty()).unwrap_or("x".to_owned()));
    let problems = match spec::load("crossdock.yaml", &page.text, &env) {
        Ok(spec) => spec.warnings,
        Err(problems) => problems.iter().cloned().collect(),
    };
    let (errors, warnings): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.severity == Severity::Error);
    if !errors.is_empty() {
        let fault = |problem: spec::Problem| Fault {
            site: at(problem.place.line),
            message: problem.message,
            help: problem.help,
        };
        return Err(told(errors.into_iter().map(fault).collect()));
    }
    for warning in warnings {
        let site = at(warning.place.line);
        draft.changed(site, warning.message);
    }
    let Draft { mut notes, variables, .. } = draft;
    notes.sort_by(|a, b| a.site.cmp(&b.site));
    let Page { text, origins } = page;
    Ok(Imported { text, notes, variables, origins })
}

/// The faults in the order of the files, each once.
fn told(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by(|a, b| a.site.cmp(&b.site));
    faults.dedup();
    faults.truncate(FAULTS_MAX);
    faults
}
