//! The inputs, in one table: what reads them, what describes them and what documents them go by it.

use crate::ci::OUTPUTS;
use serde_json::{Value, json};

/// One input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What may stand in it.
    pub kind: Kind,
    /// What it is when nobody says anything; none where nothing happens then, or where more than the
    /// input decides.
    pub default: Option<&'static str>,
    /// What it does.
    pub meaning: &'static str,
}

/// What may stand in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Some of these words, with commas or on lines.
    Choices(&'static [&'static str]),
    /// Any text.
    Text,
    /// A path, relative to the working directory.
    Path,
    /// An image: `registry/repository:tag` or `…@digest`.
    Image,
    /// Texts without commas, one a line or with commas.
    List,
    /// Texts, one a line.
    Lines,
    /// A time such as `50m`.
    Time,
    /// A text that is never shown.
    Secret,
}

const fn input(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    meaning: &'static str,
) -> Input {
    Input { name, kind, default, meaning }
}

/// Every input, in the order in which they are described. No meaning has a `$` with braces in it:
/// GitHub would put something there, and then not load the action.
pub const INPUTS: [Input; 27] = [
    input(
        "command",
        Kind::Choice(&["lint", "plan", "sync", "check", "apply", "verify"]),
        Some("sync"),
        "What to do: lint checks the spec, plan shows what would change, sync makes the targets what the spec says, check says whether they are, apply carries out a saved plan, verify compares them with their sources piece by piece",
    ),
    input("spec", Kind::Path, None, "The spec. Without it: crossdock.yaml, else .github/crossdock.yaml"),
    input("spec-inline", Kind::Text, None, "The text of the spec itself, instead of a file"),
    input(
        "from",
        Kind::Choice(&[
            "image-syncer",
            "image-transfer",
            "image-migrator",
            "skopeo",
            "regsync",
            "dregsy",
            "ocync",
        ]),
        None,
        "Run files of this tool as they are, in place of a spec. With lint, plan, sync and check",
    ),
    input("files", Kind::Lines, None, "The files of the tool in from, or folders with them, one a line"),
    input(
        "from-flags",
        Kind::Lines,
        None,
        "Flags of the tool in from, one a line with its value, such as --registry=harbor.example.com",
    ),
    input(
        "source",
        Kind::Image,
        None,
        "Copy, or verify, this one image instead of what a spec says: registry/repository:tag or registry/repository@digest. A spec that is named then only says how registries are spoken to",
    ),
    input(
        "targets",
        Kind::List,
        None,
        "Where the image of source goes: one or more repositories, one a line. A target may have a tag of its own when tags is empty",
    ),
    input(
        "tags",
        Kind::List,
        None,
        "The tags that each target gets, one a line. Of whole references, such as docker/metadata-action makes, only the tag counts. Without it: the tag of source",
    ),
    input("only", Kind::Lines, None, "Only rules whose name matches one of these globs, one a line"),
    input(
        "vars",
        Kind::Lines,
        None,
        "Variables of the spec, NAME=VALUE, one a line. They go before the environment",
    ),
    input(
        "plan-file",
        Kind::Path,
        None,
        "plan saves the plan here, and apply carries this plan out. Without it: plan saves it beside the reports",
    ),
    input(
        "depth",
        Kind::Choice(&["tags", "content"]),
        Some("tags"),
        "How closely targets are looked at: by their tags, or down to the bytes of all content; then check tells what is broken there, sync sends it again, and verify reads every byte",
    ),
    input(
        "verify",
        Kind::Choice(&["never", "always"]),
        Some("never"),
        "Whether every tag that was written is looked at once more at the end, to tell what somebody else moved",
    ),
    input(
        "registry-auth",
        Kind::Secret,
        None,
        "Credentials: a YAML list of registry with username and password, or with identity. They go before those of the spec and of docker",
    ),
    input(
        "docker-config",
        Kind::Path,
        None,
        "The directory with docker's config.json. Without it: DOCKER_CONFIG, else .docker in the home directory",
    ),
    input(
        "github-token",
        Kind::Secret,
        None,
        "A token for ghcr.io, used when nothing else is configured for it, and on GitHub only",
    ),
    input(
        "fail-on",
        Kind::Choice(&["error", "drift", "partial", "never"]),
        Some("error"),
        "What makes the step red: error is what went wrong, and what check found; drift is that and changes that plan shows; partial is error and what was left for the next run; never is nothing but wrong inputs and signals",
    ),
    input(
        "deadline",
        Kind::Time,
        None,
        "Stop cleanly after this time, such as 50m; the rest is left for the next run",
    ),
    input(
        "report-dir",
        Kind::Path,
        None,
        "Where the reports go. Without it: a new directory in the temporary directory of the runner, else .crossdock",
    ),
    input(
        "report",
        Kind::Choices(&[
            "json",
            "jsonl",
            "junit",
            "markdown",
            "comment",
            "openmetrics",
            "prometheus",
            "sarif",
            "codequality",
            "dotenv",
        ]),
        Some("json"),
        "The formats of the reports",
    ),
    input(
        "summary",
        Kind::Choice(&["auto", "always", "changes", "never"]),
        Some("auto"),
        "When a summary is written: changes leaves out runs in which nothing changed or went wrong",
    ),
    input(
        "annotations",
        Kind::Choice(&["auto", "errors", "none"]),
        Some("auto"),
        "What is shown beside the log",
    ),
    input(
        "log-level",
        Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        Some("warn"),
        "How much is logged; debug when the pipeline is run with its switch for debugging",
    ),
    input(
        "color",
        Kind::Choice(&["auto", "always", "never"]),
        Some("auto"),
        "Whether to use colour; auto is yes where the log of the CI shows it",
    ),
    input("working-directory", Kind::Path, None, "The directory that relative paths start from"),
    input("filter-cache", Kind::Path, None, "A directory in which compiled filters are kept from run to run"),
];

/// Inputs of the action that are for the script around us, and so no mistake.
pub(super) const OF_THE_SCRIPT: [&str; 2] = ["binary-path", "download-url"];

impl Input {
    /// The input of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        INPUTS.iter().find(|input| input.name == name)
    }

    /// Whether its value is never shown.
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Choice(_) => "choice",
            Self::Choices(_) => "choices",
            Self::Text => "text",
            Self::Path => "path",
            Self::Image => "image",
            Self::List => "list",
            Self::Lines => "lines",
            Self::Time => "time",
            Self::Secret => "secret",
        }
    }
}

/// Inputs and outputs as JSON, for what is generated from them.
pub fn described() -> Value {
    let input = |input: &Input| {
        let choices = match input.kind {
            Kind::Choice(words) | Kind::Choices(words) => json!(words),
            _ => Value::Null,
        };
        let Input { name, kind, default, meaning } = input;
        json!({ "name": name, "kind": kind.name(), "choices": choices, "default": default, "meaning": meaning })
    };
    let outputs = OUTPUTS.iter().map(|output| json!({ "name": output.name, "meaning": output.meaning }));
    json!({
        "inputs": INPUTS.iter().map(input).collect::<Vec<_>>(),
        "outputs": outputs.collect::<Vec<_>>(),
    })
}
