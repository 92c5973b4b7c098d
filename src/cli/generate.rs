//! What crossdock prints about itself: schemas, completions, the manual page.

use super::flags::{Cli, CompletionsArguments, SchemaArguments, SchemaOf};
use super::setting::Setting;
use crate::report::Exit;
use crate::{bundle, cases, ci, delivery, plan, report, spec};
use clap::CommandFactory as _;

/// Prints a JSON Schema, draft-07.
pub(super) fn schema(setting: &Setting, arguments: &SchemaArguments) -> Exit {
    let schema = match arguments.of {
        SchemaOf::Spec => spec::schema(),
        SchemaOf::Report => report::schema(),
        SchemaOf::Plan => plan::file::schema(),
        SchemaOf::Verification => report::verification::schema(),
        SchemaOf::BundleList => delivery::list_schema(),
        SchemaOf::BundleVerification => delivery::verified_schema(),
        SchemaOf::FilterCase => cases::schema(),
        SchemaOf::Inventory => bundle::inventory_schema(),
        SchemaOf::Inputs => ci::input::described(),
    };
    setting.print(&format!("{schema:#}\n"));
    Exit::Ok
}

/// Prints completions.
pub(super) fn completions(setting: &Setting, arguments: &CompletionsArguments) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "crossdock", &mut text);
    setting.print(&String::from_utf8_lossy(&text));
    Exit::Ok
}

/// Prints the manual page, in roff.
pub(super) fn man(setting: &Setting) -> Exit {
    let mut text = Vec::new();
    match clap_mangen::Man::new(Cli::command()).render(&mut text) {
        Ok(()) => {
            setting.print(&String::from_utf8_lossy(&text));
            Exit::Ok
        }
        Err(why) => {
            setting.complain(&format!("the manual page cannot be made: {why}"));
            Exit::Failed
        }
    }
}
