//! `crossdock bundle`: images as a file, for where no network goes. One file a subcommand.

mod against;
mod create;
mod flags;
mod packing;

pub(super) use flags::BundleCommand;

use super::setting::Setting;
use crate::report::Exit;

/// Runs one subcommand to its end.
pub(super) async fn run(setting: Setting, command: BundleCommand) -> Exit {
    match command {
        BundleCommand::Create(arguments) => create::create(setting, arguments).await,
    }
}
