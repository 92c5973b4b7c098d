//! Buildkite: groups that begin with a header line, and an agent program for everything else.

use super::outputs::word;
use super::{Dialect, Effect, Ended, Light, Output, Stamps, Summary, Variables};
use crate::colour::Colour;
use crate::report::{Exit, Format};

/// Buildkite.
#[derive(Debug)]
pub(super) struct Buildkite;

/// The program that jobs speak to Buildkite with.
const AGENT: &str = "buildkite-agent";
/// The outputs that become meta-data: words that other jobs can decide by.
const META_DATA: [&str; 4] = ["result", "exit-code", "changed", "drift"];

impl Dialect for Buildkite {
    fn colour(&self) -> Colour {
        Colour::Always
    }

    fn stamps(&self, _: &Variables) -> Stamps {
        Stamps::Theirs
    }

    fn open(&self, title: &str, _: i64) -> Option<String> {
        Some(format!("--- {title}"))
    }

    /// A group ends where the next begins; this one is open.
    fn close(&self, _: i64) -> Option<String> {
        Some("+++ crossdock: result".to_owned())
    }

    fn outputs(&self, outputs: &[(Output, String)], ended: &Ended<'_>) -> Vec<Effect> {
        let set = |(output, value): &(Output, String)| Effect::Run {
            program: AGENT,
            arguments: vec!["meta-data".into(), "set".into(), format!("crossdock-{}", output.name)],
            input: value.clone(),
        };
        let words = outputs.iter().filter(|(output, _)| META_DATA.contains(&output.name)).map(set);
        super::ending::result_file(ended).into_iter().chain(words).collect()
    }

    /// Annotations of all builds of a step stand above its page, so that what is quiet is not told.
    fn summary(&self, ended: &Ended<'_>) -> Vec<Effect> {
        if ended.summary == Summary::Auto && ended.is_quiet() {
            return Vec::new();
        }
        let style = match (ended.step, ended.exit) {
            (Light::Red(_), _) => "error",
            (Light::Green, Exit::Ok) if word(ended.run, ended.exit) == "changed" => "success",
            (Light::Green, Exit::Ok) => "info",
            (Light::Green, _) => "warning",
        };
        let key = ended.variables.get("BUILDKITE_STEP_KEY").or(ended.variables.get("BUILDKITE_STEP_ID"));
        let name = key.map_or_else(|| "crossdock".to_owned(), |key| format!("crossdock-{key}"));
        let arguments = ["annotate", "--style", style, "--context", &name].map(str::to_owned).into();
        let input = Format::Markdown.render(ended.run);
        vec![Effect::Run { program: AGENT, arguments, input }]
    }
}
