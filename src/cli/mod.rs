//! The command line: one file a subcommand. Parses, calls, and prints; knows nothing of registries.

mod apply;
mod bundle;
mod check;
mod ci;
mod copy;
mod doctor;
mod draft;
mod early;
mod ending;
mod explain;
mod filter;
mod filters;
mod flags;
mod generate;
mod given;
mod import;
mod init;
mod inventory;
mod journal;
mod lint;
mod pipeline;
mod plan;
pub mod progress;
mod setting;
mod shell;
mod sync;
mod verify;

pub use ci::{arguments, last_words};
pub use flags::{Cli, Verbosity};
pub use setting::Setting;
pub use shell::make_way;

use crate::report::Exit;
use flags::Command;

/// Runs one command to its end.
pub async fn run(cli: Cli, setting: Setting) -> Exit {
    let Cli { common, command } = cli;
    let setting = setting.with(common);
    match command {
        Command::Init(arguments) => init::init(&setting, &arguments),
        Command::Lint(foreign) => lint::lint(&setting.from(foreign)).await,
        Command::Plan { arguments, foreign } => plan::plan(&setting.from(foreign), arguments).await,
        Command::Apply(arguments) => apply::apply(&setting, arguments).await,
        Command::Sync { arguments, foreign } => sync::sync(&setting.from(foreign), arguments).await,
        Command::Check { arguments, foreign } => check::check(&setting.from(foreign), arguments).await,
        Command::Verify(arguments) => verify::verify(&setting, arguments).await,
        Command::Copy(arguments) => copy::copy(&setting, arguments).await,
        Command::Doctor => doctor::doctor(&setting).await,
        Command::Explain(arguments) => explain::explain(setting, arguments).await,
        Command::Import(arguments) => import::import(&setting, &arguments),
        Command::Inventory(arguments) => inventory::inventory(&setting, arguments).await,
        Command::Bundle { command } => bundle::run(setting, command).await,
        Command::Export { arguments, foreign } => plan::export(&setting.from(foreign), arguments).await,
        Command::Filter { command } => filter::run(&setting, command).await,
        Command::Ci(arguments) => ci::ci(setting, arguments).await,
        Command::Schema(arguments) => generate::schema(&setting, &arguments),
        Command::Completions(arguments) => generate::completions(&setting, &arguments),
        Command::Man => generate::man(&setting),
    }
}
