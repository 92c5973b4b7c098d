//! `crossdock filter`: what authors and users of filters do with them. One file a subcommand.

mod check;
mod componentize;
mod decided;
mod files;
mod flags;
mod inspect;
mod name;
mod needs;
mod new;
mod pin;
mod push;
mod run;
mod stopped;
mod subject;
mod templates;
mod test;
mod told;
mod verdict;

pub(super) use flags::FilterCommand;

use super::setting::Setting;
use crate::filter::WIT;
use crate::report::Exit;

/// Runs one subcommand to its end.
pub(super) async fn run(setting: &Setting, command: FilterCommand) -> Exit {
    match command {
        FilterCommand::New(arguments) => new::new(setting, &arguments),
        FilterCommand::Check(arguments) => check::check(setting, arguments).await,
        FilterCommand::Inspect(arguments) => inspect::inspect(setting, arguments).await,
        FilterCommand::Test(arguments) => test::test(setting, arguments).await,
        FilterCommand::Run(arguments) => run::run(setting, arguments).await,
        FilterCommand::Wit => {
            setting.print(WIT);
            Exit::Ok
        }
        FilterCommand::Componentize(arguments) => componentize::componentize(setting, &arguments),
        FilterCommand::Pin(arguments) => pin::pin(setting, arguments).await,
        FilterCommand::Push(arguments) => push::push(setting, arguments).await,
    }
}
