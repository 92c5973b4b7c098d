//! What can be written after `crossdock filter`. Shapes only; nothing is looked up here.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FilterCommand {
    /// Make a component of a core module, for compilers that stop there, such as clang
    Componentize(ComponentizeArguments),
    /// Write the digests of filters into the spec; with --check, say whether they are right
    Pin(PinArguments),
    /// Push a filter to a registry, and print the lines for the spec
    Push(PushArguments),
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
