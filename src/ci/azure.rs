//! Azure Pipelines: commands anywhere in a line of the log. What has a meaning in one is replaced as the
//! agent puts it back.

use super::files::file_name;
use super::outputs::Size;
use super::{Annotation, Dialect, Effect, Ended, Level, Light, Output, Stamps, Variables};
use crate::colour::Colour;
use crate::report::{Exit, Format};

/// Azure Pipelines.
#[derive(Debug)]
pub(super) struct Azure;

/// Longest value that becomes a variable, in bytes: all of them together are the environment of every
/// later step.
const VALUE_BYTES_MAX: usize = 8 << 10;

impl Dialect for Azure {
    fn colour(&self) -> Colour {
        Colour::Always
    }

    fn stamps(&self, _: &Variables) -> Stamps {
        Stamps::Theirs
    }

    fn debug_variable(&self) -> Option<&'static str> {
        Some("SYSTEM_DEBUG")
    }

    fn mask(&self, secret: &str, variables: &Variables) -> Option<String> {
        variables.says_yes("TF_BUILD").then(|| command("task.setsecret", &[], secret))
    }

    fn open(&self, title: &str, _: i64) -> Option<String> {
        Some(format!("##[group]{title}"))
    }

    fn close(&self, _: i64) -> Option<String> {
        Some("##[endgroup]".to_owned())
    }

    fn annotation(&self, annotation: &Annotation) -> Option<String> {
        let Annotation { level, title, message, place } = annotation;
        let level = match level {
            Level::Error => "error",
            Level::Warning => "warning",
            // There is nothing less: it stays in the log.
            Level::Notice => return None,
        };
        let mut properties = vec![("type", level.to_owned())];
        if let Some((path, line, column)) = place {
            properties.push(("sourcepath", path.clone()));
            properties.extend(line.map(|line| ("linenumber", line.to_string())));
            properties.extend(column.map(|column| ("columnnumber", column.to_string())));
        }
        Some(command("task.logissue", &properties, &format!("{title}: {message}")))
    }

    fn outputs(&self, outputs: &[(Output, String)], ended: &Ended<'_>) -> Vec<Effect> {
        let one = |(output, value): &(Output, String)| {
            let name = output.name.replace('-', "_");
            let fits = output.size == Size::Short || value.len() <= VALUE_BYTES_MAX;
            let properties = [("variable", name), ("isOutput", "true".to_owned())];
            Effect::Line(command("task.setvariable", &properties, if fits { value } else { "" }))
        };
        let lines = outputs.iter().map(one);
        lines.chain(super::ending::result_file(ended)).collect()
    }

    fn summary(&self, ended: &Ended<'_>) -> Vec<Effect> {
        let Some(path) = ended.directory.map(|directory| directory.join(file_name(Format::Markdown))) else {
            return Vec::new();
        };
        let line = command("task.uploadsummary", &[], &path.display().to_string());
        let text = Format::Markdown.render(ended.run);
        vec![Effect::Write { path, text }, Effect::Line(line)]
    }

    fn more(&self, ended: &Ended<'_>) -> Vec<Effect> {
        match (ended.step, ended.exit) {
            (Light::Green, Exit::Ok) | (Light::Red(_), _) => Vec::new(),
            (Light::Green, _) => {
                let properties = [("result", "SucceededWithIssues".to_owned())];
                vec![Effect::Line(command("task.complete", &properties, ""))]
            }
        }
    }
}

/// `##vso[task.logissue type=error;]message`
fn command(name: &str, properties: &[(&str, String)], message: &str) -> String {
    let pairs: String = properties.iter().map(|(key, value)| format!("{key}={};", property(value))).collect();
    let space = if pairs.is_empty() { "" } else { " " };
    format!("##vso[{name}{space}{pairs}]{}", data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}
