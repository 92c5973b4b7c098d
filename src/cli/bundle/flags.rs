//! What can be written on the command line about bundles. Shapes only.

use crate::cli::import::{Told, tools};
use crate::import::Tool;
use crate::spec::gates::Size;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BundleCommand {
    /// Write all that the spec mirrors into a bundle, or the images that are named
    Create(CreateArguments),
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
