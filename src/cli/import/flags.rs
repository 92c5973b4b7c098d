//! What can be written on the command line about files of other tools. Shapes only.

use crate::import::{Existing, Options, Platforms, Tool};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

/// The heading of what those tools are told themselves.
const HEADING: &str = "As the other tool is told";

/// Files of another tool in place of a spec.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Foreign {
    /// Run files of this tool as they are, in place of a spec
    #[arg(long, value_name = "TOOL", requires = "files", value_parser = tools())]
    pub(in crate::cli) from: Option<Tool>,

    /// The files of that tool, or folders with them
    #[arg(value_name = "FILE", requires = "from")]
    pub(in crate::cli) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) told: Told,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArguments {
    /// The tool whose files these are; without it, a plan that `export` saved becomes a spec
    #[arg(long, value_name = "TOOL", value_parser = tools())]
    pub(in crate::cli) from: Option<Tool>,

    /// The files of that tool, or folders with them; or one plan
    #[arg(value_name = "FILE", required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,

    /// Write the spec here, instead of on stdout
    #[arg(long, short = 'o', value_name = "PATH")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// Overwrite what is there
    #[arg(long, requires = "output")]
    pub(in crate::cli) force: bool,

    #[command(flatten)]
    pub(in crate::cli) told: Told,
}

/// Flags of those tools, as far as they change what is mirrored.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = HEADING)]
pub(in crate::cli) struct Told {
    /// Where images go that have no target
    #[arg(long, value_name = "REGISTRY", requires = "from")]
    registry: Option<String>,

    /// Where in that registry
    #[arg(long, visible_alias = "ns", value_name = "NAMESPACE", requires = "from")]
    namespace: Option<String>,

    /// Whether tags are moved that the target has already
    #[arg(long, value_name = "BOOL", requires = "from", action = clap::ArgAction::Set)]
    tag_exist_overridden: Option<bool>,

    /// Requests that may start in one second
    #[arg(long, value_name = "COUNT", requires = "from", value_parser = clap::value_parser!(u32).range(1..))]
    qps: Option<u32>,

    /// Only this operating system. Repeatable
    #[arg(long, value_name = "OS", requires = "from")]
    os: Vec<String>,

    /// Only this architecture. Repeatable
    #[arg(long, value_name = "ARCH", requires = "from")]
    arch: Vec<String>,

    /// This registry speaks HTTP without TLS. Repeatable
    #[arg(long, value_name = "HOST", requires = "from")]
    plain_http: Vec<String>,

    /// Where all images go: registry/path
    #[arg(long, value_name = "DEST", requires = "from")]
    destination: Option<String>,

    /// Put the whole name of the source below that, not only its last part
    #[arg(long, requires = "from")]
    scoped: bool,

    /// Put this behind every tag
    #[arg(long, value_name = "SUFFIX", requires = "from", allow_hyphen_values = true)]
    append_suffix: Option<String>,

    /// All platforms of an image, and not only that of the machine that copies
    #[arg(long, requires = "from")]
    all: bool,
}

impl Told {
    pub(super) fn options(&self) -> Options {
        let Self {
            registry,
            namespace,
            tag_exist_overridden,
            qps,
            os,
            arch,
            plain_http,
            destination,
            scoped,
            append_suffix,
            all,
        } = self.clone();
        Options {
            registry,
            namespace,
            existing: match tag_exist_overridden {
                Some(false) => Existing::Kept,
                Some(true) | None => Existing::Overridden,
            },
            requests_per_second: qps,
            os,
            arch,
            plain_http,
            destination,
            scoped,
            append_suffix,
            platforms: if all { Platforms::All } else { Platforms::OfHost },
            platform: format!("linux/{}", machine()),
        }
    }
}

/// This machine, as platforms name it.
fn machine() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

pub(in crate::cli) fn tools() -> impl TypedValueParser<Value = Tool> {
    let names = Tool::ALL.iter().map(|tool| tool.as_str());
    PossibleValuesParser::new(names).try_map(|name| {
        let found = Tool::ALL.iter().find(|tool| tool.as_str() == name);
        found.copied().ok_or_else(|| format!("there is no {name}"))
    })
}
