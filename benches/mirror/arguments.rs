//! What `benches/run` can be told.

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

    /// Size of the layers: 1 makes about 400 MB in all
    #[arg(long, default_value_t = 1.0)]
    pub(crate) scale: f64,

    /// Size of the large layer, in MiB
    #[arg(long, default_value_t = 2048)]
    pub(crate) large_mib: u64,

    /// Where registries keep their content; in memory when there is room [default: /dev/shm, else
    /// the directory for temporary files]
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,

    /// Another build of the program, to compare its starting with: one without filters, say
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
}

/// What can be measured on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The time until the first request is answered
    StartUp,
    /// Many small images: cold, and again
    Mirror,
    /// One large layer: memory
    Large,
    /// Many tags of one repository
    Tags,
    /// Compiling filters, and one call of each
    Filters,
}

impl Arguments {
    pub(crate) fn measures(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}
