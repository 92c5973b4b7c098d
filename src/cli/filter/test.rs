//! `crossdock filter test`: runs golden cases, shows what is not as expected, and blesses it where that
//! is asked for.

use super::files::{self, Found};
use super::flags::TestArguments;
use super::stopped::Stopped;
use super::subject::{blocking, component};
use super::verdict::{self, Judged, Verdict};
use crate::cases::{self, Trial};
use crate::cli::ending::write_whole;
use crate::cli::flags::Format;
use crate::cli::setting::Setting;
use crate::filter::{Component, Limits};
use crate::report::{Exit, escape};
use serde_json::json;

/// Runs the cases, and ends with 1 when one of them fails.
pub(super) async fn test(setting: &Setting, arguments: TestArguments) -> Exit {
    tested(setting, arguments).await.unwrap_or_else(|stopped| stopped.end(setting))
}

async fn tested(setting: &Setting, arguments: TestArguments) -> Result<Exit, Stopped> {
    setting.start_deadline()?;
    let files = files::found(&arguments.cases)?;
    let component = component(setting, &arguments.file).await?;
    let mut judged: Vec<Judged> = Vec::new();
    for found in &files {
        let trials = trials(setting, &component, found, arguments.limits.limits()).await?;
        let blessed = match arguments.bless {
            true => bless(found, &trials)?,
            false => Vec::new(),
        };
        for (number, (case, trial)) in found.cases.cases.iter().zip(trials).enumerate() {
            let verdict = match &trial.mismatch {
                None => Verdict::Ok,
                Some(_) if blessed.contains(&number) => Verdict::Blessed,
                Some(_) => Verdict::Failed,
            };
            let one = Judged::new(&found.cases, number, case.clone(), trial, verdict);
            if setting.format() == Format::Text {
                setting.print(&verdict::text(&one, setting.detail()));
            }
            judged.push(one);
        }
    }
    match setting.format() {
        Format::Text => setting.print(&verdict::summary(&judged)),
        Format::Json => {
            let inspection = component.inspection();
            let document = json!({
                "filter": {
                    "file": arguments.file.display().to_string(),
                    "sha256": inspection.digest.hex(),
                    "contract": inspection.contract,
                },
                "cases": judged.iter().map(verdict::json).collect::<Vec<_>>(),
                "counts": verdict::counts(&judged),
            });
            setting.print(&escape::json(&format!("{document:#}\n")));
        }
    }
    let failed = judged.iter().any(|one| one.verdict == Verdict::Failed);
    Ok(if failed { Exit::Failed } else { Exit::Ok })
}

async fn trials(
    setting: &Setting,
    component: &Component,
    found: &Found,
    limits: Limits,
) -> Result<Vec<Trial>, Stopped> {
    let mut trials = Vec::new();
    for case in &found.cases.cases {
        let (component, case) = (component.clone(), case.clone());
        trials.push(blocking(setting, move || cases::trial(&component, &case, limits)).await?);
    }
    Ok(trials)
}

/// Writes the answers into the file; gives the numbers of the cases that changed.
fn bless(found: &Found, trials: &[Trial]) -> Result<Vec<usize>, Stopped> {
    let blessing = found.cases.bless(trials);
    if !blessing.changed.is_empty() {
        write_whole(&found.path, blessing.text.as_bytes()).map_err(|why| {
            Stopped::Unwritten(format!("the case file {} cannot be written: {why}", found.path.display()))
        })?;
    }
    Ok(blessing.changed)
}
