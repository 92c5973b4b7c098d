//! `crossdock filter`: what authors and users of filters do with them. One file a subcommand.

mod componentize;
mod flags;
mod pin;
mod push;

pub(super) use flags::FilterCommand;

use super::setting::Setting;
use crate::report::Exit;

/// Runs one subcommand to its end.
pub(super) async fn run(setting: &Setting, command: FilterCommand) -> Exit {
    match command {
        FilterCommand::Componentize(arguments) => componentize::componentize(setting, &arguments),
        FilterCommand::Pin(arguments) => pin::pin(setting, arguments).await,
        FilterCommand::Push(arguments) => push::push(setting, arguments).await,
    }
}
