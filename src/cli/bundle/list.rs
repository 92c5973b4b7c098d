//! `crossdock bundle list`: what is in bundles. Contacts nobody.

use super::{said, told};
use crate::cli::flags::Format;
use crate::cli::setting::Setting;
use crate::delivery::{self, List};
use crate::report::{Exit, escape};
use std::path::PathBuf;

/// Lists bundles.
pub(super) async fn list(setting: &Setting, files: &[PathBuf]) -> Exit {
    let bundles = match delivery::open(files).await {
        Ok(bundles) => bundles,
        Err(failure) => {
            setting.complain(&said(&failure));
            return Exit::Invalid;
        }
    };
    let Ok(list) = tokio::task::spawn_blocking(move || List::of(&bundles)).await else {
        return Exit::Failed;
    };
    setting.print(&match setting.format() {
        Format::Text => told::list(&list),
        Format::Json => match serde_json::to_string_pretty(&list) {
            Ok(json) => escape::json(&(json + "\n")),
            Err(_) => String::new(),
        },
    });
    Exit::Ok
}
