//! What can be written after `crossdock filter`. Shapes only; nothing is looked up here.

use super::name::ProjectName;
use crate::filter::Limits;
use crate::oci::Repository;
use crate::select::Pattern;
use crate::spec::{FUEL_PER_IMAGE_MAX, FUEL_PER_IMAGE_MIN, FilterLimits, MEMORY_MIB_MAX, MEMORY_MIB_MIN};
use clap::{Args, Subcommand, ValueEnum, value_parser};
use std::ops::RangeInclusive;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FilterCommand {
    /// Begin a filter: a folder with code, the contract, a case and what builds it
    New(NewArguments),
    /// Say whether a component keeps to the contract, and what it needs
    Check(CheckArguments),
    /// Show what a component says about itself; runs it no further than its `prepare`
    Inspect(InspectArguments),
    /// Run golden cases; ends with 1 when an answer is not what they expect
    Test(TestArguments),
    /// Decide about the real tags of a repository; nothing is copied
    Run(RunArguments),
    /// Print the contract, as WIT
    Wit,
    /// Make a component of a core module, for compilers that stop there, such as clang
    Componentize(ComponentizeArguments),
    /// Write the digests of filters into the spec; with --check, say whether they are right
    Pin(PinArguments),
    /// Push a filter to a registry, and print the lines for the spec
    Push(PushArguments),
}

/// How much a call may use: what `limits` of a filter says in a spec.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct LimitArguments {
    /// Memory of a call, in MiB
    #[arg(long, value_name = "MIB", default_value_t = FilterLimits::default().memory_mib)]
    #[arg(value_parser = value_parser!(u32).range(MEMORY))]
    memory_mib: u32,

    /// Fuel for each image, beside what every call has
    #[arg(long, value_name = "FUEL", default_value_t = FilterLimits::default().fuel_per_image)]
    #[arg(value_parser = value_parser!(u32).range(FUEL))]
    fuel_per_image: u32,
}

/// What `--fuel-per-image` can be.
const FUEL: RangeInclusive<i64> = FUEL_PER_IMAGE_MIN as i64..=FUEL_PER_IMAGE_MAX as i64;
/// What `--memory-mib` can be.
const MEMORY: RangeInclusive<i64> = MEMORY_MIB_MIN as i64..=MEMORY_MIB_MAX as i64;

impl LimitArguments {
    pub(super) fn limits(self) -> Limits {
        Limits {
            memory_bytes_max: u64::from(self.memory_mib) << 20,
            fuel_for_an_image: u64::from(self.fuel_per_image),
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct NewArguments {
    /// The language
    #[arg(long, value_enum)]
    pub(super) lang: Language,

    /// What the filter is called, and its folder
    #[arg(value_name = "NAME")]
    pub(super) name: ProjectName,
}

/// The languages that there are templates for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Language {
    /// Rust: small and fast
    Rust,
    /// JavaScript, on QuickJS
    Js,
    /// Python
    Python,
    /// C: smallest
    C,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArguments {
    /// The component
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// The configuration: JSON, or @FILE with JSON [default: {}]
    #[arg(long, value_name = "JSON|@FILE")]
    pub(super) config: Option<String>,

    /// Run every case of these files twice, and compare answers, fuel and memory [default: tests]
    #[arg(long, value_name = "CASES", num_args = 0..)]
    pub(super) deterministic: Option<Vec<PathBuf>>,

    #[command(flatten)]
    pub(super) limits: LimitArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InspectArguments {
    /// The component
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TestArguments {
    /// The component
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// Files with cases, or folders with such files [default: tests]
    #[arg(value_name = "CASES")]
    pub(super) cases: Vec<PathBuf>,

    /// Write what the filter answers into the cases that expect something else
    #[arg(long)]
    pub(super) bless: bool,

    #[command(flatten)]
    pub(super) limits: LimitArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArguments {
    /// The component
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// The repository: registry/repository, or oci:DIRECTORY[//NAME]
    #[arg(long, value_name = "REPOSITORY")]
    pub(super) source: Repository,

    /// Where the images would go [default: the source]
    #[arg(long, value_name = "REPOSITORY")]
    pub(super) target: Option<Repository>,

    /// The configuration: JSON, or @FILE with JSON [default: {}]
    #[arg(long, value_name = "JSON|@FILE")]
    pub(super) config: Option<String>,

    /// Only tags that match: a tag, a glob or /regex/. Repeatable
    #[arg(long = "tag", value_name = "PATTERN", value_parser = pattern)]
    pub(super) tags: Vec<Pattern>,

    /// Save what the filter was asked and what it answered as a case, for `test`
    #[arg(long, value_name = "PATH")]
    pub(super) record: Option<PathBuf>,

    #[command(flatten)]
    pub(super) limits: LimitArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ComponentizeArguments {
    /// The core module
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// The file that becomes the component
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PinArguments {
    /// Only these filters of the spec
    #[arg(value_name = "NAME")]
    pub(super) names: Vec<String>,

    /// Write nothing; end with 2 when a digest is missing or another
    #[arg(long)]
    pub(super) check: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PushArguments {
    /// The component
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// Where it goes: registry/repository:tag
    #[arg(value_name = "REFERENCE")]
    pub(super) reference: String,

    /// Use media types that registries take which refuse those of WebAssembly, such as GitLab's
    #[arg(long)]
    pub(super) compat: bool,

    /// An annotation of the manifest. Repeatable
    #[arg(long = "annotation", value_name = "K=V", value_parser = annotation)]
    pub(super) annotations: Vec<(String, String)>,
}

fn annotation(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::parse(text).map_err(|why| why.to_string())
}
