//! Drone, and Harness: settings come as `PLUGIN_…`; Harness reads outputs from a file.

use super::{Dialect, Effect, Ended, Output, Stamps, Variables};
use crate::colour::Colour;

/// Drone.
#[derive(Debug)]
pub(super) struct Drone;

impl Dialect for Drone {
    fn colour(&self) -> Colour {
        Colour::Always
    }

    fn stamps(&self, _: &Variables) -> Stamps {
        Stamps::Theirs
    }

    fn outputs(&self, outputs: &[(Output, String)], ended: &Ended<'_>) -> Vec<Effect> {
        let mut effects = super::ending::result_file(ended);
        if let Some(path) = ended.variables.get("DRONE_OUTPUT") {
            // One line each: what has several becomes a list with commas.
            let line = |(output, value): &(Output, String)| {
                format!("{}={}\n", output.name.replace('-', "_"), value.replace('\n', ","))
            };
            effects.push(Effect::Append { path: path.into(), text: outputs.iter().map(line).collect() });
        }
        effects
    }
}
