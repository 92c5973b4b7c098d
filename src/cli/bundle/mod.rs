//! `crossdock bundle`: images on their way across an air gap. One file a subcommand.

mod against;
mod create;
mod flags;
mod list;
mod packing;
mod push;
mod told;
mod verify;

pub(in crate::cli) use flags::{BundleCommand, ExportArguments, Offline};
pub(super) use push::offline;

use super::setting::Setting;
use crate::failure::Failure;
use crate::report::Exit;
use crate::report::escape::foreign;

/// Runs one subcommand to its end.
pub(super) async fn run(setting: Setting, command: BundleCommand) -> Exit {
    match command {
        BundleCommand::Create(arguments) => create::create(setting, arguments).await,
        BundleCommand::Push(arguments) => push::push(&setting, arguments).await,
        BundleCommand::Verify(arguments) => verify::verify(&setting, &arguments.files).await,
        BundleCommand::List(arguments) => list::list(&setting, &arguments.files).await,
    }
}

/// A failure in words, with what to do about it.
fn said(failure: &Failure) -> String {
    match &failure.hint {
        Some(hint) => foreign(format!("{failure}; {hint}")).to_string(),
        None => foreign(failure.to_string()).to_string(),
    }
}
