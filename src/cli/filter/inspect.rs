//! `crossdock filter inspect`: what a component says about itself.

use super::flags::InspectArguments;
use super::needs;
use super::stopped::Stopped;
use super::subject::{blocking, component};
use super::told;
use crate::cli::flags::Format;
use crate::cli::setting::Setting;
use crate::filter::{Filter, FilterError, Inspection, Limits, Needs};
use crate::report::Exit;
use crate::report::escape::{self, foreign};
use crate::report::human::{Bytes, Elapsed};
use serde_json::{Value, json};
use std::path::Path;

/// What it needs with an empty configuration, or why it does not say.
type Asked = Result<Needs, Box<FilterError>>;

/// Shows what a component says about itself.
pub(super) async fn inspect(setting: &Setting, arguments: InspectArguments) -> Exit {
    inspected(setting, arguments).await.unwrap_or_else(|stopped| stopped.end(setting))
}

async fn inspected(setting: &Setting, InspectArguments { file }: InspectArguments) -> Result<Exit, Stopped> {
    setting.start_deadline()?;
    let component = component(setting, &file).await?;
    let same = component.clone();
    let prepare = move || Filter::new(&same, &json!({}), Limits::default()).map(|filter| filter.needs());
    let asked = blocking(setting, prepare).await?;
    let inspection = component.inspection();
    setting.print(&match setting.format() {
        Format::Text => text(&file, inspection, &asked),
        Format::Json => escape::json(&format!("{:#}\n", document(&file, inspection, &asked))),
    });
    Ok(Exit::Ok)
}

/// The lines that say what a component is.
pub(super) fn facts(inspection: &Inspection) -> Vec<(&'static str, String)> {
    let Inspection { digest, size_bytes, contract, imports, exports: _, producers: _, compiled_in } =
        inspection;
    let wasi = imports.iter().filter(|name| name.starts_with("wasi:")).count();
    let mut lines = vec![
        ("sha256", digest.hex().to_owned()),
        ("size", format!("{} ({size_bytes} bytes)", Bytes(*size_bytes))),
        ("contract", format!("crossdock:filter {contract}")),
        (
            "wasi",
            match wasi {
                0 => "none".to_owned(),
                1 => "1 interface, empty here".to_owned(),
                more => format!("{more} interfaces, empty here"),
            },
        ),
    ];
    if let Some(took) = compiled_in {
        lines.push(("compiled", format!("in {}", Elapsed(*took))));
    }
    lines
}

/// Lines with the first words padded to one width.
pub(super) fn table(lines: &[(&str, String)]) -> String {
    let width = lines.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
    lines.iter().map(|(key, value)| format!("  {key:width$}  {}\n", foreign(value))).collect()
}

fn text(file: &Path, inspection: &Inspection, asked: &Asked) -> String {
    let mut lines = facts(inspection);
    lines.extend(inspection.exports.iter().map(|name| ("exports", name.clone())));
    lines.extend(inspection.imports.iter().map(|name| ("imports", name.clone())));
    for (field, name, version) in &inspection.producers {
        let of = if version.is_empty() { String::new() } else { format!(" {version}") };
        lines.push(("made with", format!("{name}{of} ({field})")));
    }
    match asked {
        Ok(needs) => lines.push(("needs", format!("{}, with an empty configuration", needs::names(*needs)))),
        Err(error) => lines
            .push(("needs", format!("not known, as it refuses an empty configuration: {}", error.message))),
    }
    format!("{}\n{}", foreign(file.display()), table(&lines))
}

fn document(file: &Path, inspection: &Inspection, asked: &Asked) -> Value {
    let Inspection { digest, size_bytes, contract, imports, exports, producers, compiled_in } = inspection;
    let producers: Vec<Value> = producers
        .iter()
        .map(|(field, name, version)| json!({ "field": field, "name": name, "version": version }))
        .collect();
    json!({
        "file": file.display().to_string(),
        "sha256": digest.hex(),
        "sizeBytes": size_bytes,
        "contract": contract,
        "imports": imports,
        "exports": exports,
        "producers": producers,
        "compiledInMs": compiled_in.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        "needs": asked.as_ref().ok().map(|needs| needs::json(*needs)),
        "error": asked.as_ref().err().map(|error| told::error_json(error)),
    })
}
