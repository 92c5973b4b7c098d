//! What `benches/run` can be told.

use crate::beds::Bed;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Measures crossdock against a floor and against skopeo.
#[derive(Debug, Parser)]
#[command(name = "benches/run", max_term_width = 100)]
pub(crate) struct Arguments {
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,

    /// How often each contestant runs
    #[arg(long, default_value_t = 5)]
    pub(crate) repetitions: usize,

    /// How often skopeo runs, which does one thing after another and takes long
    #[arg(long, default_value_t = 1)]
    pub(crate) skopeo: usize,

    /// By how much each answer of a registry is held back
    #[arg(long, value_delimiter = ',', default_values_t = [0, 20])]
    pub(crate) latency_ms: Vec<u64>,

    /// Which registries
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Bed::Registry, Bed::Synthetic])]
    pub(crate) bed: Vec<Bed>,

    /// Size of the layers of the scenarios
    #[arg(long, default_value_t = 1.0)]
    pub(crate) scale: f64,

    /// Size of the layer whose memory is measured, in MiB
    #[arg(long, default_value_t = 5120)]
    pub(crate) layer_mib: u64,

    /// Size of the blob that is pulled many times at once, in MiB
    #[arg(long, default_value_t = 1024)]
    pub(crate) pull_mib: u64,

    /// Where registries keep their content; in memory when there is room [default: /dev/shm, else
    /// the directory for temporary files]
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,

    /// Another build of the program, which is measured beside
    #[arg(long)]
    pub(crate) other: Option<PathBuf>,

    /// Where the filters are that `make filters-all` builds
    #[arg(long, default_value = "target/filters")]
    pub(crate) filters: PathBuf,

    /// The program
    #[arg(long, hide = true)]
    pub(crate) crossdock: Option<PathBuf>,

    /// Where the figures go
    #[arg(long, hide = true)]
    pub(crate) json: Option<PathBuf>,

    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the benchmark starts itself as.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Does what a plan says, as fast as plain HTTP goes
    #[command(hide = true)]
    Floor {
        /// The plan
        plan: PathBuf,
    },
    /// Passes connections on, and holds back answers
    #[command(hide = true)]
    Delay {
        /// By how much
        #[arg(long)]
        latency_ms: u64,
        /// Hosts with ports
        hosts: Vec<String>,
    },
    /// Pulls a blob many times at once
    #[command(hide = true)]
    Pull {
        /// Host with port
        host: String,
        /// The path
        target: String,
        /// How many times
        times: usize,
        /// How long it is
        size_bytes: u64,
    },
    /// Hashes so many bytes once
    #[command(hide = true)]
    Hash {
        /// How many MiB
        mib: u64,
    },
}

/// What can be measured on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The time until the first request is answered
    StartUp,
    /// 200 small images with shared layers, cold
    Small,
    /// 20 images of 4 platforms, cold
    Platforms,
    /// 24 tags that share two large layers, cold
    Shared,
    /// 200 tags, nothing missing
    Again,
    /// 10 of 200 tags moved
    Moved,
    /// 500 tags of one repository, nothing missing
    Repository,
    /// 500 tags of one repository, cold
    RepositoryCold,
    /// 4 images with a large layer, cold
    Large,
    /// One larger layer: memory
    Layer,
    /// One large blob, pulled 64 times at once from `crossdock serve`
    Pulled,
    /// Some platforms of images that have more, and another format
    Forms,
    /// A registry that takes 10 manifests a second
    Paced,
    /// More tags of one repository: planning, and memory
    Tags,
    /// Compiling filters, and one call of each
    Filters,
}

impl Arguments {
    /// Whether it was asked for by its name.
    pub(crate) fn names(&self, part: Part) -> bool {
        self.only.contains(&part)
    }

    pub(crate) fn measures(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}
