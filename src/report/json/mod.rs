//! The report as JSON (`report-1.json`). Own structs, never dumps of internals; the format only grows.

mod build;
mod item;
mod item_shape;
#[cfg(test)]
mod laws;
mod shape;
#[cfg(test)]
mod tests;

pub(super) use item::{error, location};
pub(super) use item_shape::{Error, SpecLocation};
pub(super) use shape::Tool;

use super::run::Run;

/// What `kind` says in a report.
pub const KIND: &str = "crossdock.report";
/// The version of the format.
pub const VERSION: &str = "1.0";

/// The report of a run, with a line feed at the end.
///
/// Safe to print to a terminal or the log of a CI: see [`super::escape::json`].
pub fn render(run: &Run) -> String {
    let mut text = serde_json::to_string_pretty(&build::report(run))
        .expect("text, numbers, lists and maps with text keys always serialise");
    text.push('\n');
    super::escape::json(&text)
}

/// The JSON Schema (draft-07) of the report.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft07()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<shape::Report>()
        .to_value()
}
