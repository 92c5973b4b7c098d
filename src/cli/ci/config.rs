//! `crossdock ci --print-config`: every input with its value and where that is from. Refuses nothing: a
//! value that is wrong is shown as wrong.

use crate::ci::input::{Given, INPUTS, Input, Wrong, gather};
use crate::ci::{Variables, wrong_override};
use crate::cli::setting::Setting;
use crate::report::escape::foreign;
use crate::store::registry::{ForgeLogin, forge_logins};
use std::fmt::Write as _;

/// Inputs whose values may hold secrets although they are none themselves.
const HIDDEN: [&str; 2] = ["vars", "spec-inline"];

/// The text.
pub(super) fn shown(setting: &Setting, variables: &Variables, wrong: &[Wrong]) -> String {
    let mut text = format!("crossdock {}\n", env!("CARGO_PKG_VERSION"));
    let name = setting.ci.name().unwrap_or("none");
    let _ = writeln!(text, "ci: {name} ({})", foreign(&setting.ci.why));
    for ForgeLogin { registry, credential } in forge_logins(&setting.credential_places()) {
        let (registry, user) = (foreign(registry), foreign(credential.username().unwrap_or_default()));
        let place = credential.source();
        let _ = writeln!(text, "login: {registry} as {user}, from {place}, where nothing else is configured");
    }
    text.push_str("inputs:\n");
    let (given, _) = gather(variables);
    let width = INPUTS.iter().map(|input| input.name.len()).max().unwrap_or(0);
    for input in &INPUTS {
        let shown = match flag(setting, input.name) {
            Some(value) => format!("{} (from the command line)", foreign(value)),
            None => one(input, given.get(input.name)),
        };
        let _ = writeln!(text, "  {:width$}  {shown}", input.name);
        for wrong in wrong.iter().filter(|wrong| wrong.input == input.name) {
            let _ = writeln!(text, "  {:width$}  WRONG: {}", "", foreign(&wrong.why));
        }
    }
    for wrong in wrong.iter().filter(|wrong| INPUTS.iter().all(|input| input.name != wrong.input)) {
        let _ = writeln!(text, "WRONG: {}", foreign(wrong));
    }
    if let Some(why) = wrong_override(variables) {
        let _ = writeln!(text, "WRONG: {}", foreign(why));
    }
    text
}

/// What a flag says, which goes before the input.
fn flag(setting: &Setting, name: &str) -> Option<String> {
    let flags = setting.flags();
    match name {
        "spec" => flags.spec.as_ref().map(|path| path.display().to_string()),
        "only" => flags.only.clone(),
        "deadline" => flags.deadline.map(|deadline| format!("{} s", deadline.as_secs_f64())),
        "color" => flags.color.map(|choice| format!("{choice:?}").to_lowercase()),
        _ => None,
    }
}

fn one(input: &Input, given: Option<&Given>) -> String {
    match (given, input.default) {
        (Some(Given { origin, .. }), _) if input.is_secret() || HIDDEN.contains(&input.name) => {
            format!("*** (from {})", foreign(origin))
        }
        (Some(Given { value, origin }), _) => format!("{} (from {})", foreign(value), foreign(origin)),
        (None, Some(default)) => format!("{default} (default)"),
        (None, None) => "- (not set)".to_owned(),
    }
}
