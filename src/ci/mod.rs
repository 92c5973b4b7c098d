//! CI systems: which one this is, what it told us to do, and how it wants to hear how a run ended. Pure:
//! the environment comes in, bytes and decisions go out; the caller reads, writes and runs.

mod annotation;
mod artifacts;
mod azure;
mod buildkite;
mod circleci;
mod dialect;
mod drone;
mod effect;
mod ending;
mod fail_on;
mod files;
mod generic;
mod gitea;
mod github;
mod gitlab;
pub mod input;
mod jenkins;
mod login;
mod outputs;
mod system;
mod tekton;
#[cfg(test)]
mod tests;
mod variables;
mod woodpecker;

pub use annotation::{Annotation, Level, annotations};
pub use dialect::{Dialect, Stamps};
pub use effect::Effect;
pub use ending::{Ended, Shown, Summary, effects};
pub use fail_on::{FailOn, Light};
pub use files::{Owner, Places, file_name, named, owner};
pub use login::unseen_login;
pub use outputs::{Files, OUTPUTS, Output, outputs};
pub use system::{Ci, Detected, OVERRIDE, detect, wrong_override};
pub use variables::Variables;
