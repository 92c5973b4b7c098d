//! `crossdock filter check`: whether a component keeps to the contract, takes its configuration, and
//! answers the same twice.

use super::files::{self, Found};
use super::flags::CheckArguments;
use super::inspect::{facts, table};
use super::stopped::Stopped;
use super::subject::{blocking, component, config, prepared};
use super::{needs, verdict};
use crate::cases::{self, Repeated};
use crate::cli::flags::Format;
use crate::cli::setting::Setting;
use crate::filter::{Component, FUEL_FOR_A_CALL, Filter, Limits};
use crate::report::Exit;
use crate::report::escape::{self, foreign};
use crate::report::human::{Bytes, Count, Grouped};
use serde_json::{Value, json};
use std::path::Path;

/// One case, run twice.
struct Twice {
    title: String,
    repeated: Repeated,
}

/// Checks a component, and with `--deterministic` what it answers.
pub(super) async fn check(setting: &Setting, arguments: CheckArguments) -> Exit {
    checked(setting, arguments).await.unwrap_or_else(|stopped| stopped.end(setting))
}

async fn checked(setting: &Setting, arguments: CheckArguments) -> Result<Exit, Stopped> {
    setting.start_deadline()?;
    let CheckArguments { file, config: text, deterministic, limits } = arguments;
    let (config, limits) = (config(text.as_deref())?, limits.limits());
    let files = deterministic.as_deref().map(files::found).transpose()?;
    let component = component(setting, &file).await?;
    // A filter that refuses the configuration is invalid, whatever its fault is.
    let filter = match prepared(setting, &component, &config, limits).await {
        Err(Stopped::Filter(error)) => {
            super::told::say(setting, &error);
            return Err(Stopped::Said(Exit::Invalid));
        }
        other => other?,
    };
    let twice = match &files {
        Some(files) => Some(twice(setting, &component, files, limits).await?),
        None => None,
    };
    setting.print(&match setting.format() {
        Format::Text => text_of(&file, &component, &filter, limits, twice.as_deref()),
        Format::Json => {
            escape::json(&format!("{:#}\n", document(&file, &component, &filter, limits, twice.as_deref())))
        }
    });
    let differs = twice.iter().flatten().any(|one| !one.repeated.changed.is_empty());
    Ok(if differs { Exit::Failed } else { Exit::Ok })
}

async fn twice(
    setting: &Setting,
    component: &Component,
    files: &[Found],
    limits: Limits,
) -> Result<Vec<Twice>, Stopped> {
    let mut twice = Vec::new();
    for found in files {
        for (number, case) in found.cases.cases.iter().enumerate() {
            let (component, case) = (component.clone(), case.clone());
            let repeated = blocking(setting, move || cases::repeat(&component, &case, limits)).await?;
            twice.push(Twice { title: verdict::title(&found.cases, number), repeated });
        }
    }
    Ok(twice)
}

fn text_of(
    file: &Path,
    component: &Component,
    filter: &Filter,
    limits: Limits,
    twice: Option<&[Twice]>,
) -> String {
    let (used, log) = filter.prepared();
    let mut lines = facts(component.inspection());
    match needs::facts(filter.needs()).as_slice() {
        [] => lines.push(("needs", needs::names(filter.needs()))),
        facts => lines.extend(facts.iter().map(|(name, cost)| ("needs", format!("{name}: {cost}")))),
    }
    lines.push(("prepare", format!("{} fuel, {}", Grouped(used.fuel), Bytes(used.memory_bytes))));
    lines.push((
        "limits",
        format!(
            "{} fuel a call and {} for each image, {}",
            Grouped(FUEL_FOR_A_CALL),
            Grouped(limits.fuel_for_an_image),
            Bytes(limits.memory_bytes_max)
        ),
    ));
    let mut text = format!("{}\n{}", foreign(file.display()), table(&lines));
    for line in super::told::log_lines(log, crate::report::Detail::Changes) {
        text += &format!("{line}\n");
    }
    for Twice { title, repeated } in twice.unwrap_or_default() {
        text += &match repeated.changed.as_slice() {
            [] => format!("same    {}\n", foreign(title)),
            changed => format!("DIFFERS {}: {}\n", foreign(title), changed.join(", ")),
        };
    }
    let differ = twice.unwrap_or_default().iter().filter(|one| !one.repeated.changed.is_empty()).count();
    text += &match (twice, differ) {
        (None, _) => "It keeps to the contract. Next: `crossdock filter test`.\n".to_owned(),
        (Some(cases), 0) => {
            let cases = Count(cases.len() as u64, "case");
            format!(
                "It keeps to the contract, and {cases} ran twice with the same answer at the same cost.\n"
            )
        }
        (Some(cases), differ) => format!(
            "{differ} of {} differ. Look for what is kept between calls, and for the order of what has none.\n",
            Count(cases.len() as u64, "case")
        ),
    };
    text
}

fn document(
    file: &Path,
    component: &Component,
    filter: &Filter,
    limits: Limits,
    twice: Option<&[Twice]>,
) -> Value {
    let inspection = component.inspection();
    let (used, log) = filter.prepared();
    let deterministic = twice.map(|twice| {
        let one = |Twice { title, repeated }: &Twice| {
            json!({ "case": title, "same": repeated.changed.is_empty(), "changed": repeated.changed })
        };
        twice.iter().map(one).collect::<Vec<_>>()
    });
    json!({
        "file": file.display().to_string(),
        "sha256": inspection.digest.hex(),
        "sizeBytes": inspection.size_bytes,
        "contract": inspection.contract,
        "wasi": inspection.imports.iter().filter(|name| name.starts_with("wasi:")).collect::<Vec<_>>(),
        "needs": needs::json(filter.needs()),
        "prepare": { "fuel": used.fuel, "memoryBytes": used.memory_bytes, "log": super::told::log_json(log) },
        "limits": {
            "fuelForACall": FUEL_FOR_A_CALL,
            "fuelForAnImage": limits.fuel_for_an_image,
            "memoryBytes": limits.memory_bytes_max,
        },
        "deterministic": deterministic,
    })
}
