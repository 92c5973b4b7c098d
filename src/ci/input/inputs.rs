//! What the inputs mean together. Every mistake is found at once, and told by the name of its input.

use super::given::{Given, Wrong, gather};
use super::value::{choice, deadline, lines, list, variable};
use super::words::{depth, fail_on, log_level, shown, summary, verb, verify, words};
use crate::ci::{FailOn, Shown, Summary, Variables};
use crate::oci::{Reference, Tag};
use crate::report::Format;
use crate::spec::{RegistryAuth, registry_auth};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What a pipeline wants. Holds secrets, and so cannot be printed.
#[derive(Default)]
pub struct Inputs {
    /// The command.
    pub verb: Verb,
    /// The path of the spec.
    pub spec: Option<PathBuf>,
    /// The spec itself.
    pub spec_inline: Option<String>,
    /// The tool whose files are run instead: a word of the table.
    pub from: Option<String>,
    /// Its files, or folders with them.
    pub files: Vec<PathBuf>,
    /// What it is told on its command line.
    pub from_flags: Vec<String>,
    /// The one image that is copied, or verified, instead.
    pub copy: Option<Copy>,
    /// Globs of names of rules.
    pub only: Vec<String>,
    /// Variables of the spec.
    pub variables: Vec<(String, String)>,
    /// Where a plan is or goes.
    pub plan_file: Option<PathBuf>,
    /// How closely targets are looked at.
    pub depth: Depth,
    /// Whether what was written is looked at once more.
    pub verify: Verify,
    /// Credentials that go before all others.
    pub registry_auth: RegistryAuth,
    /// The directory of docker's `config.json`.
    pub docker_config: Option<PathBuf>,
    /// A token of GitHub.
    pub github_token: Option<String>,
    /// What makes the step red.
    pub fail_on: FailOn,
    /// When to stop.
    pub deadline: Option<Duration>,
    /// Where reports go.
    pub report_dir: Option<PathBuf>,
    /// Their formats.
    pub reports: Vec<Format>,
    /// When a summary is written.
    pub summary: Summary,
    /// What is shown beside the log.
    pub shown: Shown,
    /// How much is logged.
    pub log_level: Option<LogLevel>,
    /// Whether to use colour: a word of the table.
    pub colour: Option<String>,
    /// Where relative paths start.
    pub working_directory: Option<PathBuf>,
    /// Where compiled filters are kept.
    pub filter_cache: Option<PathBuf>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verb {
    /// `crossdock lint`.
    Lint,
    /// `crossdock plan`.
    Plan,
    /// `crossdock sync`.
    #[default]
    Sync,
    /// `crossdock check`.
    Check,
    /// `crossdock apply`.
    Apply,
    /// `crossdock verify`.
    Verify,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Errors.
    Error,
    /// And warnings.
    Warn,
    /// And what is worth a line.
    Info,
    /// And what was decided, and why.
    Debug,
    /// And every request.
    Trace,
}

/// How closely targets are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// By what their tags name.
    #[default]
    Tags,
    /// Down to the bytes of all that those reach.
    Content,
}

/// Whether what was written is looked at once more at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// It is not.
    #[default]
    Never,
    /// It is.
    Always,
}

/// One image and everything that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The image.
    pub source: Reference,
    /// Each target with its tag, none twice.
    pub targets: Vec<Reference>,
}

/// Reads inputs one by one, and keeps what is wrong with them.
struct Reading<'a> {
    given: &'a BTreeMap<&'static str, Given>,
    wrong: Vec<Wrong>,
}

impl Inputs {
    /// What the environment says.
    ///
    /// Inputs that could not be read have their defaults here; see the list of what is wrong.
    pub fn read(variables: &Variables) -> (Self, Vec<Wrong>) {
        let (given, wrong) = gather(variables);
        let mut reading = Reading { given: &given, wrong };
        let inputs = reading.inputs(variables);
        reading.check_together(&inputs);
        (inputs, reading.wrong)
    }

    /// Everything that nobody may see: for the CI to hide.
    pub fn secrets(&self) -> Vec<&str> {
        self.registry_auth.secrets().into_iter().chain(self.github_token.as_deref()).collect()
    }
}

impl Reading<'_> {
    fn inputs(&mut self, variables: &Variables) -> Inputs {
        let path = |text: &str| Ok(PathBuf::from(text.trim()));
        let text = |text: &str| Ok(text.to_owned());
        let env = |name: &str| variables.get(name).map(str::to_owned);
        let copy = self.copy();
        Inputs {
            verb: self.word("command", verb),
            spec: self.read("spec", path),
            spec_inline: self.read("spec-inline", text),
            from: self.read("from", |text| choice(text, words("from"))),
            files: self
                .read("files", |text| Ok(lines(text)?.into_iter().map(PathBuf::from).collect()))
                .unwrap_or_default(),
            from_flags: self.read("from-flags", lines).unwrap_or_default(),
            copy,
            only: self.read("only", lines).unwrap_or_default(),
            variables: self.read("vars", variables_of).unwrap_or_default(),
            plan_file: self.read("plan-file", path),
            depth: self.word("depth", depth),
            verify: self.word("verify", verify),
            registry_auth: self
                .read("registry-auth", |text| {
                    registry_auth(text, &env).map_err(|problems| problems.join("; "))
                })
                .unwrap_or_default(),
            docker_config: self.read("docker-config", path),
            github_token: self.read("github-token", |text| Ok(text.trim().to_owned())),
            fail_on: self.word("fail-on", fail_on),
            deadline: self.read("deadline", |text| deadline(text.trim())),
            report_dir: self.read("report-dir", path),
            reports: self.read("report", formats).unwrap_or_else(|| vec![Format::Json]),
            summary: self.word("summary", summary),
            shown: self.word("annotations", shown),
            log_level: self
                .read("log-level", |text| choice(text, words("log-level")).map(|word| log_level(&word))),
            colour: self.read("color", |text| choice(text, words("color"))),
            working_directory: self.read("working-directory", path),
            filter_cache: self.read("filter-cache", path),
        }
    }

    /// What was given for an input, read; what is wrong is kept.
    fn read<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let Given { value, origin } = self.given.get(name)?;
        match parse(value) {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong.push(Wrong { input: name.to_owned(), origin: Some(origin.clone()), why });
                None
            }
        }
    }

    /// A word of the table, and what it means.
    fn word<T: Default>(&mut self, name: &str, meaning: fn(&str) -> T) -> T {
        self.read(name, |text| choice(text, words(name))).map(|word| meaning(&word)).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    fn refuse(&mut self, name: &str, why: &str) {
        let origin = self.given.get(name).map(|given| given.origin.clone());
        self.wrong.push(Wrong { input: name.to_owned(), origin, why: why.to_owned() });
    }

    fn copy(&mut self) -> Option<Copy> {
        let mut source = self.read("source", |text| reference(text.trim()))?;
        if source.tag.is_none() && source.digest.is_none() {
            source.tag = Some("latest".parse().expect("`latest` is a tag"));
        }
        let tags: Vec<Tag> = self
            .read("tags", |text| list(text)?.iter().map(|text| tag_of(text)).collect())
            .unwrap_or_default();
        let source_tag = source.tag.clone();
        let targets = self.read("targets", |text| {
            let targets: Vec<Reference> =
                list(text)?.iter().map(|text| reference(text)).collect::<Result<_, _>>()?;
            expanded(&targets, &tags, source_tag.as_ref())
        })?;
        Some(Copy { source, targets })
    }

    /// What `from` says of others, and they of it.
    fn check_from(&mut self, inputs: &Inputs) {
        if !self.has("from") {
            for name in ["files", "from-flags"] {
                if self.has(name) {
                    self.refuse(name, "it belongs to `from`, which is not there");
                }
            }
            return;
        }
        for name in ["spec", "spec-inline", "source"] {
            if self.has(name) {
                self.refuse(name, "`from` runs files in its place; leave one of the two out");
            }
        }
        if !matches!(inputs.verb, Verb::Lint | Verb::Plan | Verb::Sync | Verb::Check) {
            self.refuse("command", "files of another tool can be linted, planned, synced and checked");
        }
    }

    /// What one input says of another.
    fn check_together(&mut self, inputs: &Inputs) {
        if self.has("spec") && self.has("spec-inline") {
            self.refuse("spec-inline", "the spec is named by `spec` already; leave one of the two out");
        }
        self.check_from(inputs);
        if self.has("source") {
            if !self.has("targets") {
                self.refuse("targets", "`source` needs targets: write one repository a line");
            }
            if !matches!(inputs.verb, Verb::Sync | Verb::Verify) {
                self.refuse(
                    "command",
                    "with `source` one image is copied: leave `command` out, or write `verify`",
                );
            }
            for name in ["only", "plan-file", "depth"] {
                let is_of_verify = name == "depth" && inputs.verb == Verb::Verify;
                if self.has(name) && !is_of_verify {
                    self.refuse(name, "it has no effect with `source`: leave it out");
                }
            }
        } else {
            for name in ["targets", "tags"] {
                if self.has(name) {
                    self.refuse(name, "it belongs to `source`, which is not there");
                }
            }
        }
        if inputs.depth == Depth::Content && !matches!(inputs.verb, Verb::Check | Verb::Sync | Verb::Verify) {
            self.refuse("depth", "only `check`, `sync` and `verify` look at content");
        }
        match inputs.verb {
            Verb::Apply if !self.has("plan-file") => {
                self.refuse("plan-file", "`apply` needs the plan that `plan` saved");
            }
            Verb::Sync | Verb::Check | Verb::Lint | Verb::Verify
                if self.has("plan-file") && !self.has("source") =>
            {
                self.refuse(
                    "plan-file",
                    "only `plan` and `apply` have a plan; to carry one out, write `command: apply`",
                );
            }
            _ => (),
        }
    }
}

/// Each target with each tag. A target that has one of its own keeps it.
fn expanded(targets: &[Reference], tags: &[Tag], source: Option<&Tag>) -> Result<Vec<Reference>, String> {
    let mut all = Vec::new();
    for target in targets {
        let repository = &target.repository;
        if target.digest.is_some() {
            return Err(format!("{target} has a digest, but a target gets the digest of the source"));
        }
        let own: Vec<Reference> = match (&target.tag, tags, source) {
            (Some(_), [], _) => vec![target.clone()],
            (Some(_), ..) => return Err(format!("{target} has a tag of its own, and `tags` says others")),
            (None, [], Some(tag)) => vec![repository.at(tag.clone())],
            (None, [], None) => {
                return Err(format!("{target} needs a tag, because the source has none: use `tags`"));
            }
            (None, tags, _) => tags.iter().map(|tag| repository.at(tag.clone())).collect(),
        };
        for target in own {
            if !all.contains(&target) {
                all.push(target);
            }
        }
    }
    match all.is_empty() {
        true => Err("write one repository a line".to_owned()),
        false => Ok(all),
    }
}

fn reference(text: &str) -> Result<Reference, String> {
    text.parse().map_err(|why| format!("{text} is no reference: {why}"))
}

/// A tag, or that of a whole reference.
fn tag_of(text: &str) -> Result<Tag, String> {
    if text.contains(['/', ':']) {
        return reference(text)?.tag.ok_or_else(|| format!("{text} has no tag"));
    }
    text.parse().map_err(|why| format!("{text} is no tag: {why}"))
}

fn variables_of(text: &str) -> Result<Vec<(String, String)>, String> {
    // Not the line itself: it may hold a secret.
    let one = |(at, line): (usize, &String)| variable(line).map_err(|why| format!("line {}: {why}", at + 1));
    lines(text)?.iter().enumerate().map(one).collect()
}

fn formats(text: &str) -> Result<Vec<Format>, String> {
    let format = |word: &String| {
        let known = Format::named(word);
        known.ok_or_else(|| format!("there is no {word:?}; there is: {}", Format::names()))
    };
    list(text)?.iter().map(format).collect()
}
