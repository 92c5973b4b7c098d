//! What can be written on the command line. Shapes only; nothing is looked up here.

use super::filter::FilterCommand;
use super::harvest::HarvestArguments;
use super::import::{Foreign, ImportArguments, Told, tools};
use super::pipeline;
use super::progress::{Choice, Lines, Reader, Screen, Stamp};
use crate::ci::input::LogLevel;
pub(super) use crate::ci::input::{deadline, variable};
use crate::ci::{Stamps, Variables, detect};
use crate::import::Tool;
use crate::oci::{Reference, Tag};
use crate::report;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// A declarative mirror for container images.
///
/// Crossdock reads a spec, works out what the targets lack, and copies that and nothing else.
#[derive(Debug, Parser)]
#[command(
    name = "crossdock",
    version,
    max_term_width = 100,
    propagate_version = true,
    subcommand_required = true
)]
pub struct Cli {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Cli {
    /// How much is logged. Flags go before inputs, and those before the switch for debugging of a CI.
    pub fn log_level(&self, variables: &Variables) -> LogLevel {
        match (self.common.verbosity, &self.command) {
            (Verbosity { quiet: true, .. }, _) => LogLevel::Error,
            (Verbosity { verbose: 2.., .. }, _) => LogLevel::Trace,
            (Verbosity { verbose: 1, .. }, _) => LogLevel::Debug,
            (Verbosity { .. }, Command::Ci(_)) => pipeline::log_level(variables),
            (Verbosity { .. }, _) => LogLevel::Warn,
        }
    }

    /// Where lines go, and what becomes of them on their way. In a pipeline everything is one log.
    pub fn screen(&self, variables: &Variables) -> Screen {
        let detected = detect(variables);
        let reader = if detected.ci.is_some() { Reader::Ci } else { Reader::People };
        let Command::Ci(_) = &self.command else {
            return Screen::of(std::io::stderr(), Lines { reader, stamp: Stamp::Nothing });
        };
        let stamp = match (detected.ci, detected.dialect().stamps(variables)) {
            (Some(_), Stamps::Ours) => Stamp::Time,
            _ => Stamp::Nothing,
        };
        Screen::of(std::io::stdout(), Lines { reader, stamp })
    }
}

/// Flags that every command has. A flag goes before its environment variable `CROSSDOCK_…`, and that
/// before the default; an empty variable is as good as none.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// The spec [env: CROSSDOCK_SPEC] [default: crossdock.yaml, else .github/crossdock.yaml]
    #[arg(long, short = 's', global = true, value_name = "PATH")]
    pub(super) spec: Option<PathBuf>,

    /// Only rules whose name matches this glob [env: CROSSDOCK_ONLY]
    #[arg(long, global = true, value_name = "NAME-GLOB")]
    pub(super) only: Option<String>,

    /// A variable for `${…}` in the spec; goes before the environment
    #[arg(long = "var", global = true, value_name = "K=V", value_parser = variable)]
    pub(super) variables: Vec<(String, String)>,

    /// Write a report, such as json=report.json; FORMAT is json, jsonl, junit, markdown, comment,
    /// openmetrics, prometheus, sarif, codequality or dotenv. Repeatable
    #[arg(long = "report", global = true, value_name = "FORMAT=PATH", value_parser = report_file)]
    pub(super) reports: Vec<ReportFile>,

    /// What is printed on stdout
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(super) format: Format,

    /// How progress is shown on stderr [env: CROSSDOCK_PROGRESS]
    #[arg(long, global = true, value_enum, value_name = "HOW")]
    pub(super) progress: Option<Choice>,

    /// Whether to use colour [env: CROSSDOCK_COLOR, NO_COLOR, CLICOLOR_FORCE]
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub(super) color: Option<ColourChoice>,

    /// Stop cleanly after this time, such as 50m or 1h30m [env: CROSSDOCK_DEADLINE]
    #[arg(long, global = true, value_name = "TIME", value_parser = deadline)]
    pub(super) deadline: Option<Duration>,

    /// Keep compiled filters in this folder. What lies in it is run as native code: never share it
    /// with whoever is trusted less than this run, such as other branches [env: CROSSDOCK_FILTER_CACHE]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) filter_cache: Option<PathBuf>,

    #[command(flatten)]
    pub(super) verbosity: Verbosity,
}

/// How much is told.
#[derive(Debug, Clone, Copy, Args)]
pub struct Verbosity {
    /// Tell more; twice for every request
    #[arg(long, short = 'v', global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Tell errors only
    #[arg(long, short = 'q', global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a spec to start from, and what runs it in a CI
    Init(InitArguments),
    /// Check the spec; nothing outside the repository is touched
    Lint(Foreign),
    /// Show what would change: + absent, ~ stale, = current, ! refused
    Plan {
        #[command(flatten)]
        arguments: PlanArguments,
        #[command(flatten)]
        foreign: Foreign,
    },
    /// Carry out a saved plan to the letter; what moved since is reported and not touched
    Apply(ApplyArguments),
    /// Make the targets what the spec says
    Sync {
        #[command(flatten)]
        arguments: SyncArguments,
        #[command(flatten)]
        foreign: Foreign,
    },
    /// Say whether the targets are what the spec says; ends with 2 when they are not
    Check {
        #[command(flatten)]
        arguments: CheckArguments,
        #[command(flatten)]
        foreign: Foreign,
    },
    /// Compare targets with their sources piece by piece; ends with 2 when they differ
    Verify(VerifyArguments),
    /// Copy one image, without a spec
    Copy(CopyArguments),
    /// Say whether all that the spec needs of registries can be had; begins uploads, and takes them back
    Doctor,
    /// Say why each source tag was taken, renamed or dropped
    Explain(ExplainArguments),
    /// Write a spec of the files of another tool, and say what differs
    Import(ImportArguments),
    /// Write a spec of the images that a cluster runs or that files name
    Harvest(HarvestArguments),
    /// Write, check, pin and push filters
    Filter {
        #[command(subcommand)]
        command: FilterCommand,
    },
    /// Run what a pipeline asks for by its inputs, and tell its CI how it went
    Ci(CiArguments),
    /// Print a JSON Schema
    Schema(SchemaArguments),
    /// Print completions for a shell
    Completions(CompletionsArguments),
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// Write what runs it in this CI, too
    #[arg(long, value_enum, value_name = "CI")]
    pub(super) ci: Option<InitCi>,
}

/// A CI that `init` writes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum InitCi {
    /// .github/workflows/mirror.yml
    Github,
    /// .gitlab-ci.yml
    Gitlab,
    /// Jenkinsfile
    Jenkins,
}

#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    /// Save the plan, for `apply`
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(super) output: Option<PathBuf>,

    /// End with 2 when changes are pending
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArguments {
    /// The plan that `plan -o` saved
    #[arg(value_name = "PLAN")]
    pub(super) plan: PathBuf,

    #[command(flatten)]
    pub(super) afterwards: Afterwards,
}

#[derive(Debug, Args)]
pub(super) struct SyncArguments {
    /// Examine all that target tags name to the bytes, as `check --deep` does, and send again what is
    /// broken there
    #[arg(long)]
    pub(super) repair: bool,

    #[command(flatten)]
    pub(super) afterwards: Afterwards,
}

/// What a run that writes does at its end.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Afterwards {
    /// Look at every tag that was written once more at the end, and tell what somebody else moved
    #[arg(long)]
    pub(super) verify: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Examine all that target tags name: hash every manifest, and fetch a byte of every blob
    #[arg(long)]
    pub(super) deep: bool,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// One image to compare with, instead of what a spec says
    #[arg(value_name = "SOURCE", requires = "targets")]
    pub(super) source: Option<Reference>,

    /// Where it was copied to; without a tag, under the source's tag
    #[arg(value_name = "TARGET")]
    pub(super) targets: Vec<Reference>,

    /// Which referrers of that image shall be there, too: all, none, or artifact types, each with the flag
    #[arg(long, value_name = "all|none|TYPE", requires = "source")]
    pub(super) referrers: Vec<String>,

    /// How closely blobs are looked at; manifests are fetched and hashed in any case
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    pub(super) depth: LookDepth,

    /// Save the result as JSON
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(super) output: Option<PathBuf>,
}

/// How closely blobs are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum LookDepth {
    /// Ask for each by HEAD
    Head,
    /// Fetch the first byte of each, too
    #[default]
    Fetch,
    /// Read and hash all bytes of each
    Bytes,
}

#[derive(Debug, Args)]
pub(super) struct CopyArguments {
    /// The image: registry/repository:tag, …@digest, or oci:DIRECTORY[//NAME]:tag
    #[arg(value_name = "SOURCE")]
    pub(super) source: Reference,

    /// Where it goes; without a tag, under the source's tag
    #[arg(value_name = "TARGET", required = true)]
    pub(super) targets: Vec<Reference>,

    /// Which signatures, attestations and SBOMs go with it: all, none, or artifact types, each with the flag
    #[arg(long, value_name = "all|none|TYPE")]
    pub(super) referrers: Vec<String>,

    #[command(flatten)]
    pub(super) afterwards: Afterwards,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// Only this tag
    #[arg(long = "tag", value_name = "TAG")]
    pub(super) tag: Option<Tag>,

    /// The same without `--tag`; with `--from`, the files of the other tool
    #[arg(value_name = "TAG|FILE")]
    pub(super) files: Vec<PathBuf>,

    /// Explain files of this tool as they are, in place of a spec
    #[arg(long, value_name = "TOOL", requires = "files", value_parser = tools())]
    pub(super) from: Option<Tool>,

    #[command(flatten)]
    pub(super) told: Told,
}

#[derive(Debug, Args)]
pub(super) struct CiArguments {
    /// Show every input with its value and where that is from, and run nothing
    #[arg(long)]
    pub(super) print_config: bool,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Of what
    #[arg(value_enum)]
    pub(super) of: SchemaOf,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// For which shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// The spec
    Spec,
    /// The report
    Report,
    /// The saved plan
    Plan,
    /// What `verify` found
    Verification,
    /// The golden cases of a filter
    FilterCase,
    /// The inputs and outputs of `crossdock ci`: a table, no schema
    Inputs,
}

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Whether to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum ColourChoice {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A report that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReportFile {
    pub(super) format: report::Format,
    pub(super) path: PathBuf,
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let names = report::Format::names();
    let Some((name, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else {
        return Err(format!("write FORMAT=PATH, where FORMAT is one of: {names}"));
    };
    match report::Format::named(name) {
        Some(format) => Ok(ReportFile { format, path: path.into() }),
        None => Err(format!("there is no report format {name:?}; there is: {names}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
