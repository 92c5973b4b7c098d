//! What each command is told beside the flags that all have.

use crate::cli::bundle::Offline;
use crate::cli::import::{Told, tools};
use crate::import::Tool;
use crate::oci::{Reference, Tag};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct InitArguments {
    /// Write what runs it in this CI, too
    #[arg(long, value_enum, value_name = "CI")]
    pub(in crate::cli) ci: Option<InitCi>,
}

/// A CI that `init` writes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum InitCi {
    /// .github/workflows/mirror.yml
    Github,
    /// .gitlab-ci.yml
    Gitlab,
    /// Jenkinsfile
    Jenkins,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArguments {
    /// Save the plan, for `apply`
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// End with 2 when changes are pending
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ApplyArguments {
    /// The plan that `plan -o` saved
    #[arg(value_name = "PLAN")]
    pub(in crate::cli) plan: PathBuf,

    #[command(flatten)]
    pub(in crate::cli) afterwards: Afterwards,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SyncArguments {
    /// Examine all that target tags name to the bytes, as `check --deep` does, and send again what is
    /// broken there
    #[arg(long)]
    pub(in crate::cli) repair: bool,

    #[command(flatten)]
    pub(in crate::cli) offline: Offline,

    #[command(flatten)]
    pub(in crate::cli) afterwards: Afterwards,
}

/// What a run that writes does at its end.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct Afterwards {
    /// Look at every tag that was written once more at the end, and tell what somebody else moved
    #[arg(long)]
    pub(in crate::cli) verify: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArguments {
    /// Examine all that target tags name: hash every manifest, and fetch a byte of every blob
    #[arg(long)]
    pub(in crate::cli) deep: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArguments {
    /// One image to compare with, instead of what a spec says
    #[arg(value_name = "SOURCE", requires = "targets")]
    pub(in crate::cli) source: Option<Reference>,

    /// Where it was copied to; without a tag, under the source's tag
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<Reference>,

    /// Which referrers of that image shall be there, too: all, none, or artifact types, each with the flag
    #[arg(long, value_name = "all|none|TYPE", requires = "source")]
    pub(in crate::cli) referrers: Vec<String>,

    /// How closely blobs are looked at; manifests are fetched and hashed in any case
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    pub(in crate::cli) depth: LookDepth,

    /// Save the result as JSON
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// How closely blobs are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum LookDepth {
    /// Ask for each by HEAD
    Head,
    /// Fetch the first byte of each, too
    #[default]
    Fetch,
    /// Read and hash all bytes of each
    Bytes,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CopyArguments {
    /// The image: registry/repository:tag, …@digest, or oci:DIRECTORY[//NAME]:tag
    #[arg(value_name = "SOURCE")]
    pub(in crate::cli) source: Reference,

    /// Where it goes; without a tag, under the source's tag
    #[arg(value_name = "TARGET", required = true)]
    pub(in crate::cli) targets: Vec<Reference>,

    /// Which signatures, attestations and SBOMs go with it: all, none, or artifact types, each with the flag
    #[arg(long, value_name = "all|none|TYPE")]
    pub(in crate::cli) referrers: Vec<String>,

    #[command(flatten)]
    pub(in crate::cli) afterwards: Afterwards,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArguments {
    /// Only this tag
    #[arg(long = "tag", value_name = "TAG")]
    pub(in crate::cli) tag: Option<Tag>,

    /// The same without `--tag`; with `--from`, the files of the other tool
    #[arg(value_name = "TAG|FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,

    /// Explain files of this tool as they are, in place of a spec
    #[arg(long, value_name = "TOOL", requires = "files", value_parser = tools())]
    pub(in crate::cli) from: Option<Tool>,

    #[command(flatten)]
    pub(in crate::cli) told: Told,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CiArguments {
    /// Show every input with its value and where that is from, and run nothing
    #[arg(long)]
    pub(in crate::cli) print_config: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SchemaArguments {
    /// Of what
    #[arg(value_enum)]
    pub(in crate::cli) of: SchemaOf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionsArguments {
    /// For which shell
    #[arg(value_enum)]
    pub(in crate::cli) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaOf {
    /// The spec
    Spec,
    /// The report
    Report,
    /// The saved plan
    Plan,
    /// What `verify` found
    Verification,
    /// What `bundle list` tells
    BundleList,
    /// What `bundle verify` found
    BundleVerification,
    /// The golden cases of a filter
    FilterCase,
    /// What `inventory` writes
    Inventory,
    /// The inputs and outputs of `crossdock ci`: a table, no schema
    Inputs,
}
