//! What stands between a filter and the functions that the component exports.

use crate::bindings::crossdock::filter::types::Plan;
use crate::bindings::exports::crossdock::filter::filter::Guest;
use crate::{Decision, Facts, Level, Request, config};
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// A filter that decides about all the images of a repository at once.
pub trait Filter {
    /// Its configuration. With `#[serde(deny_unknown_fields)]` a misspelt key is told.
    type Config: DeserializeOwned;

    /// Checks what the type of the configuration cannot say, and names the facts that are needed.
    ///
    /// # Errors
    /// What is wrong with the configuration, and under which key. It ends the run.
    fn prepare(_config: &Self::Config) -> Result<Facts, String> {
        Ok(Facts::empty())
    }

    /// Decides every image, in the order of `request.images`.
    ///
    /// # Errors
    /// Why it cannot. Nothing of this repository is mirrored then.
    fn decide(config: &Self::Config, request: &Request) -> Result<Vec<Decision>, String>;
}

/// Writes a line to the log of the run. It never changes what is mirrored.
pub fn log(level: Level, message: &str) {
    if cfg!(target_family = "wasm") {
        crate::bindings::crossdock::filter::log::emit(level, message);
    } else {
        eprintln!("{level:?}: {message}");
    }
}

/// What `filter!` exports.
#[doc(hidden)]
pub struct Exported<F>(PhantomData<F>);

/// Stands for the exports where there are none.
#[doc(hidden)]
pub fn checked<F: Filter>() {}

impl<F: Filter> Guest for Exported<F> {
    fn prepare(config: String) -> Result<Plan, String> {
        tell_panics();
        let needs = F::prepare(&config::read(&config)?)?;
        Ok(Plan { needs })
    }

    fn decide(config: String, request: Request) -> Result<Vec<Decision>, String> {
        tell_panics();
        F::decide(&config::read(&config)?, &request)
    }
}

/// A panic ends the instance; its message would be lost where there is no standard error.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| log(Level::Warn, &panic.to_string())));
}
