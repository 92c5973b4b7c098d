//! The component that a command is about, and its configuration: from files and arguments to what can
//! be run. What blocks is done beside the runtime, so that a signal ends the command.

use super::stopped::Stopped;
use crate::cli::setting::Setting;
use crate::filter::{COMPONENT_BYTES_MAX, Component, Fault, Filter, Limits};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::Path;

/// Largest configuration that is read, in bytes.
const CONFIG_BYTES_MAX: u64 = 8 << 20;

/// Reads and compiles a component.
pub(super) async fn component(setting: &Setting, path: &Path) -> Result<Component, Stopped> {
    let name = path.display().to_string();
    let hint = format!("a component has at most {} MiB", COMPONENT_BYTES_MAX >> 20);
    let bytes = read(path, COMPONENT_BYTES_MAX, "the component", &hint)?;
    let cache = setting.filter_cache();
    Ok(blocking(setting, move || Component::new(&name, &bytes, cache.as_ref())).await??)
}

/// A component with its configuration.
pub(super) async fn prepared(
    setting: &Setting,
    component: &Component,
    config: &Value,
    limits: Limits,
) -> Result<Filter, Stopped> {
    let (component, config) = (component.clone(), config.clone());
    let filter = blocking(setting, move || Filter::new(&component, &config, limits)).await?;
    filter.map_err(|mut error| {
        if error.fault == Fault::Config {
            error.hint = Some("write it as --config JSON, or --config @FILE".to_owned());
        }
        Stopped::Filter(error)
    })
}

/// The value of `--config`.
pub(super) fn config(text: Option<&str>) -> Result<Value, Stopped> {
    let Some(text) = text else { return Ok(json!({})) };
    let (place, text) = match text.strip_prefix('@') {
        Some(path) => {
            let bytes = read(Path::new(path), CONFIG_BYTES_MAX, "the configuration", "make it smaller")?;
            let text = String::from_utf8(bytes);
            (format!("the configuration {path}"), text.map_err(|_| not_utf8(path))?)
        }
        None => ("--config".to_owned(), text.to_owned()),
    };
    serde_json::from_str(&text).map_err(|why| {
        Stopped::invalid(format!("{place} is not JSON: {why}; write JSON, or @FILE for a file with JSON"))
    })
}

fn not_utf8(path: &str) -> Stopped {
    Stopped::invalid(format!("{path} is not UTF-8"))
}

/// Reads a file of at most `bytes_max` bytes.
pub(super) fn read(path: &Path, bytes_max: u64, what: &str, hint: &str) -> Result<Vec<u8>, Stopped> {
    let shown = path.display();
    let refuse = |why: &str| Stopped::invalid(format!("{what} {shown} cannot be read: {why}"));
    // Asked before it is opened: opening a pipe would wait for a writer.
    let found = std::fs::metadata(path).map_err(|why| refuse(&why.to_string()))?;
    if !found.is_file() {
        return Err(refuse("it is no file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|why| refuse(&why.to_string()))?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|why| refuse(&why.to_string()))?;
    match bytes.len() as u64 > bytes_max {
        true => Err(refuse(&format!("it has more than {bytes_max} bytes; {hint}"))),
        false => Ok(bytes),
    }
}

/// Does `work`, unless a signal or the deadline comes first.
pub(super) async fn blocking<T: Send + 'static>(
    setting: &Setting,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stopped> {
    match setting.stop.or(tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => Ok(done),
        // A mistake of ours goes on its way.
        Ok(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
        Err(_) => Err(Stopped::Signal),
    }
}
