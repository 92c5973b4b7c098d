//! What can be written on the command line about images that others name. Shapes only.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct HarvestArguments {
    #[command(subcommand)]
    pub(super) place: Place,
}

/// Where images are named.
#[derive(Debug, Subcommand)]
pub(super) enum Place {
    /// List the images of the workloads of a Kubernetes cluster, and what of them runs
    Cluster(ClusterArguments),
    /// Read images from manifests, rendered charts, compose files, Dockerfiles and MigrationJobs
    Files(FilesArguments),
}

#[derive(Debug, Args)]
pub(super) struct ClusterArguments {
    /// The kubeconfig [default: $KUBECONFIG, else ~/.kube/config, else the cluster that this runs in]
    #[arg(long, short = 'k', value_name = "FILE")]
    pub(super) kubeconfig: Option<PathBuf>,

    /// The context in it; without it, the current one
    #[arg(long, value_name = "NAME")]
    pub(super) context: Option<String>,

    /// Only these namespaces; without it, all
    #[arg(long, short = 'n', value_name = "NAMES", value_delimiter = ',')]
    pub(super) namespaces: Vec<String>,

    /// Only objects with these labels, such as app=payment-service
    #[arg(long, short = 'l', value_name = "LABELS")]
    pub(super) selector: Option<String>,

    #[command(flatten)]
    pub(super) wish: Wish,
}

#[derive(Debug, Args)]
pub(super) struct FilesArguments {
    /// Files, folders with them, or - for stdin
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) wish: Wish,
}

/// What becomes of what is found.
#[derive(Debug, Args)]
pub(super) struct Wish {
    /// Where images go: registry/namespace, or oci:DIRECTORY
    #[arg(long, short = 't', value_name = "TARGET")]
    pub(super) target: Option<String>,

    /// Write it here, instead of on stdout
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(super) output: Option<PathBuf>,

    /// Overwrite what is there
    #[arg(long, requires = "output")]
    pub(super) force: bool,

    /// What is written
    #[arg(long = "as", value_enum, value_name = "WHAT", default_value_t)]
    pub(super) form: Form,

    /// Pin tags to the digests that run
    #[arg(long)]
    pub(super) pin: bool,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Form {
    /// A spec
    #[default]
    Spec,
    /// The file images.json of image-migrator
    #[value(name = "images.json")]
    Images,
}
