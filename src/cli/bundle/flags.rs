//! What can be written on the command line about bundles. Shapes only.

use crate::cli::flags::Afterwards;
use crate::delivery::Prefix;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What a bundle is called where none is named.
const DEFAULT: &str = "bundle.tar";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BundleCommand {
    /// Push what is in bundles to where it goes, and nothing that is there
    Push(PushArguments),
    /// Hash every byte of bundles, and say what is broken; ends with 2 when something is
    Verify(FilesArguments),
    /// Show what is in bundles, and where it goes
    List(FilesArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FilesArguments {
    /// The bundles: of parts, one of them or all
    #[arg(value_name = "FILE", required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PushArguments {
    #[command(flatten)]
    pub(in crate::cli) files: FilesArguments,

    /// Push everything below this registry or repository, such as harbor.corp/mirror. Without it, what
    /// the rules of --spec take goes to their targets; without a spec, all goes where the bundle says
    #[arg(long, value_name = "REGISTRY[/PREFIX]")]
    pub(in crate::cli) to: Option<Prefix>,

    /// Push all to where the bundle says; a spec only says how registries are spoken to
    #[arg(long, conflicts_with = "to")]
    pub(in crate::cli) as_bundled: bool,

    #[command(flatten)]
    pub(in crate::cli) afterwards: Afterwards,
}

/// Whether sources are asked, or read from bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum Mode {
    /// From their registries
    #[default]
    Online,
    /// From a bundle; no registry of a source is asked
    Offline,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Offline {
    /// Where sources are read
    #[arg(long, value_enum, default_value_t, value_name = "MODE")]
    mode: Mode,

    /// The bundle that is read with `--mode offline`. Repeatable
    #[arg(long = "bundle", value_name = "FILE", default_value = DEFAULT)]
    files: Vec<PathBuf>,
}

impl Offline {
    /// The bundles that are read in place of the sources, if any are.
    pub(in crate::cli) fn files(&self) -> Option<&[PathBuf]> {
        (self.mode == Mode::Offline).then_some(&self.files)
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArguments {
    /// Write it here, and print what it says
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(in crate::cli) output: Option<PathBuf>,
}
