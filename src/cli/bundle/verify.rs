//! `crossdock bundle verify`: whether bundles are what they were. Contacts nobody.

use super::{said, told};
use crate::cli::flags::Format;
use crate::cli::setting::Setting;
use crate::delivery::{self, Verified};
use crate::report::{Exit, escape};
use crate::store::archive::runs;
use std::path::PathBuf;

/// Examines bundles, one after another.
pub(super) async fn verify(setting: &Setting, files: &[PathBuf]) -> Exit {
    let refuse = |failure: &crate::failure::Failure| {
        setting.complain(&said(failure));
        Exit::Invalid
    };
    let runs = match runs(files) {
        Ok(runs) => runs,
        Err(failure) => return refuse(&failure),
    };
    let mut bundles = Vec::new();
    for run in runs {
        let stop = setting.stop.clone();
        match delivery::examine(run, move || !stop.is_set()).await {
            Ok(sound) => bundles.push(sound),
            Err(failure) if setting.stop.is_set() => {
                setting.complain(&said(&failure));
                return Exit::Interrupted;
            }
            Err(failure) => return refuse(&failure),
        }
    }
    let verified = Verified::of(bundles);
    setting.print(&match setting.format() {
        Format::Text => told::verified(&verified),
        Format::Json => match serde_json::to_string_pretty(&verified) {
            Ok(json) => escape::json(&(json + "\n")),
            Err(_) => String::new(),
        },
    });
    match verified.is_sound() {
        true => Exit::Ok,
        false => Exit::Drift,
    }
}
