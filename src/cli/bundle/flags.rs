//! What can be written on the command line about bundles. Shapes only.

use crate::cli::flags::Afterwards;
use crate::cli::import::{Told, tools};
use crate::delivery::Prefix;
use crate::import::Tool;
use crate::spec::gates::Size;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What a bundle is called where none is named.
const DEFAULT: &str = "bundle.tar";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BundleCommand {
    /// Write all that the spec mirrors into a bundle, or the images that are named
    Create(CreateArguments),
    /// Push what is in bundles to where it goes, and nothing that is there
    Push(PushArguments),
    /// Hash every byte of bundles, and say what is broken; ends with 2 when something is
    Verify(FilesArguments),
    /// Show what is in bundles, and where it goes
    List(FilesArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArguments {
    /// Only these images, and no spec; with `--from`, the files of the other tool
    #[arg(value_name = "IMAGE|FILE")]
    pub(in crate::cli) images: Vec<String>,

    /// The bundle: a tar, or the name of its parts without their numbers
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(in crate::cli) output: PathBuf,

    /// Write parts of this size, such as 4GiB, and their sums
    #[arg(long, value_name = "SIZE")]
    pub(in crate::cli) split: Option<Size>,

    /// Leave out the blobs that are in this inventory. Repeatable
    #[arg(long, value_name = "INVENTORY")]
    pub(in crate::cli) against: Vec<PathBuf>,

    /// Which signatures, attestations and SBOMs go with the images that are named: all, none, or artifact
    /// types, each with the flag
    #[arg(long, value_name = "all|none|TYPE", requires = "images", conflicts_with = "from")]
    pub(in crate::cli) referrers: Vec<String>,

    /// Bundle what files of this tool say, in place of a spec
    #[arg(long, value_name = "TOOL", requires = "images", value_parser = tools())]
    pub(in crate::cli) from: Option<Tool>,

    #[command(flatten)]
    pub(in crate::cli) told: Told,
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

#[derive(Debug, Default, Args)]
pub(in crate::cli) struct Offline {
    /// Where sources are read
    #[arg(long, value_enum, default_value_t, value_name = "MODE")]
    mode: Mode,

    /// The bundle that is read with `--mode offline`. Repeatable
    #[arg(long = "bundle", value_name = "FILE", default_value = DEFAULT)]
    bundles: Vec<PathBuf>,
}

impl Offline {
    /// The bundles that are read in place of the sources, if any are.
    pub(in crate::cli) fn files(&self) -> Option<&[PathBuf]> {
        (self.mode == Mode::Offline).then_some(&self.bundles)
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArguments {
    /// Write it here, and print what it says
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(in crate::cli) output: Option<PathBuf>,
}
