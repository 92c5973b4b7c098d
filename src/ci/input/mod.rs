//! Inputs: what a pipeline tells `crossdock ci`, from whatever place its CI puts it.

mod given;
mod inputs;
mod table;
mod value;
mod words;

pub use given::{Given, Origin, Wrong, gather};
pub use inputs::{Copy, Depth, Inputs, LogLevel, Verb, Verify};
pub use table::{INPUTS, Input, Kind, described};
pub use value::{deadline, variable};
