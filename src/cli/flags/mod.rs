//! What can be written on the command line. Shapes only; nothing is looked up here.

mod arguments;

pub(in crate::cli) use arguments::*;

use super::bundle::{BundleCommand, ExportArguments};
use super::filter::FilterCommand;
use super::harvest::HarvestArguments;
use super::import::{Foreign, ImportArguments};
use super::inventory::InventoryArguments;
use super::pipeline;
use super::progress::{Choice, Lines, Reader, Screen, Stamp};
use super::serve::ServeArguments;
use crate::ci::input::LogLevel;
pub(in crate::cli) use crate::ci::input::{deadline, variable};
use crate::ci::{Stamps, Variables, detect};
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
    pub(in crate::cli) common: Common,
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
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
pub(in crate::cli) struct Common {
    /// The spec [env: CROSSDOCK_SPEC] [default: crossdock.yaml, else .github/crossdock.yaml]
    #[arg(long, short = 's', global = true, value_name = "PATH")]
    pub(in crate::cli) spec: Option<PathBuf>,

    /// Only rules whose name matches this glob [env: CROSSDOCK_ONLY]
    #[arg(long, global = true, value_name = "NAME-GLOB")]
    pub(in crate::cli) only: Option<String>,

    /// A variable for `${…}` in the spec; goes before the environment
    #[arg(long = "var", global = true, value_name = "K=V", value_parser = variable)]
    pub(in crate::cli) variables: Vec<(String, String)>,

    /// Write a report, such as json=report.json; FORMAT is json, jsonl, junit, markdown, comment,
    /// openmetrics, prometheus, sarif, codequality or dotenv. Repeatable
    #[arg(long = "report", global = true, value_name = "FORMAT=PATH", value_parser = report_file)]
    pub(in crate::cli) reports: Vec<ReportFile>,

    /// What is printed on stdout
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,

    /// How progress is shown on stderr [env: CROSSDOCK_PROGRESS]
    #[arg(long, global = true, value_enum, value_name = "HOW")]
    pub(in crate::cli) progress: Option<Choice>,

    /// Whether to use colour [env: CROSSDOCK_COLOR, NO_COLOR, CLICOLOR_FORCE]
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub(in crate::cli) color: Option<ColourChoice>,

    /// Stop cleanly after this time, such as 50m or 1h30m [env: CROSSDOCK_DEADLINE]
    #[arg(long, global = true, value_name = "TIME", value_parser = deadline)]
    pub(in crate::cli) deadline: Option<Duration>,

    /// Keep compiled filters in this folder. What lies in it is run as native code: never share it
    /// with whoever is trusted less than this run, such as other branches [env: CROSSDOCK_FILTER_CACHE]
    #[arg(long, global = true, value_name = "DIR")]
    pub(in crate::cli) filter_cache: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) verbosity: Verbosity,
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
pub(in crate::cli) enum Command {
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
    /// Serve bundles, layouts and other places as a registry to pull from
    Serve(ServeArguments),
    /// Write a spec of the files of another tool, and say what differs
    Import(ImportArguments),
    /// Write a spec of the images that a cluster runs or that files name
    Harvest(HarvestArguments),
    /// Write down what registries, layouts and archives hold, for `bundle create --against`
    Inventory(InventoryArguments),
    /// Carry images across an air gap, as one file
    Bundle {
        #[command(subcommand)]
        command: BundleCommand,
    },
    /// Save what the spec means for the far side of an air gap; no target is asked
    Export {
        #[command(flatten)]
        arguments: ExportArguments,
        #[command(flatten)]
        foreign: Foreign,
    },
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

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Whether to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum ColourChoice {
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
pub(in crate::cli) struct ReportFile {
    pub(in crate::cli) format: report::Format,
    pub(in crate::cli) path: PathBuf,
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
