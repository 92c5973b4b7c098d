//! `crossdock ci`: the one way in for every CI. Inputs become the setting and the command of a run; what
//! came of it becomes outputs, annotations and a summary.

mod config;
mod entry;
mod foreign;
mod place;
mod run;
mod tell;

pub use entry::{arguments, last_words};

use super::flags::CiArguments;
use super::pipeline;
use super::setting::Setting;
use crate::ci::input::{Inputs, LogLevel, Wrong};
use crate::ci::{FailOn, wrong_override};
use crate::report::Exit;
use place::Place;
use run::Prepared;
use std::path::Path;

/// Runs what the inputs ask for.
pub(super) async fn ci(mut setting: Setting, arguments: CiArguments) -> Exit {
    let variables = setting.texts();
    let (mut inputs, wrong) = Inputs::read(&variables);
    setting.pipeline.github_token = inputs.github_token.clone();
    if arguments.print_config {
        setting.print(&config::shown(&setting, &variables, &wrong));
        return Exit::Ok;
    }
    let mut wrong: Vec<String> = wrong.iter().map(Wrong::to_string).collect();
    wrong.extend(wrong_override(&variables));
    // Before anything else is printed.
    mask(&setting, &inputs.secrets());
    let started_in = std::env::current_dir().unwrap_or_default();
    if let Some(directory) = &inputs.working_directory
        && let Err(why) = std::env::set_current_dir(directory)
    {
        let directory = directory.display();
        wrong.push(format!("the input working-directory is wrong: {directory} cannot be entered: {why}"));
    }
    match foreign::of(&inputs) {
        Ok(Some(foreign)) => setting = setting.from(foreign),
        Ok(None) => {}
        Err(why) => wrong.push(why),
    }
    let place = Place::make(&setting, &variables, inputs.report_dir.as_deref(), &started_in);
    let place = place.unwrap_or_else(|why| {
        wrong.push(why);
        Place::nowhere(&started_in)
    });
    // What is wrong with the inputs cannot be hidden by one of them.
    let fail_on = if wrong.is_empty() { inputs.fail_on } else { FailOn::Error };
    let (summary, shown) = (inputs.summary, inputs.shown);
    prepare(&mut setting, &mut inputs);
    let prepared = Prepared::of(&mut setting, inputs, &place);
    let ran = prepared.run(&setting, &wrong).await;
    tell::Telling { setting: &setting, variables: &variables, place: &place, fail_on, summary, shown }
        .tell(ran)
        .await
}

/// Lets the CI hide what nobody may see.
fn mask(setting: &Setting, secrets: &[&str]) {
    let variables = setting.texts();
    secrets
        .iter()
        .for_each(|secret| pipeline::mask(setting.ci.dialect(), &variables, &setting.screen, secret));
}

/// Puts into the setting what every command goes by. A flag goes before an input.
fn prepare(setting: &mut Setting, inputs: &mut Inputs) {
    let variables = setting.texts();
    if let Some(directory) = &inputs.docker_config {
        setting.set_variable("DOCKER_CONFIG", directory);
    }
    if let Some(directory) = &inputs.filter_cache {
        setting.set_variable("CROSSDOCK_FILTER_CACHE", directory);
    }
    if let Some(word) = inputs.colour.as_ref().filter(|word| *word != "auto") {
        setting.set_variable("CROSSDOCK_COLOR", word);
    }
    let pipeline = &mut setting.pipeline;
    pipeline.spec_text = inputs.spec_inline.take();
    pipeline.registry_auth = std::mem::take(&mut inputs.registry_auth);
    pipeline.colour = setting.ci.dialect().colour();
    pipeline.dialect = Some(setting.ci.dialect());
    let wants_all = matches!(super::pipeline::log_level(&variables), LogLevel::Debug | LogLevel::Trace);
    let only = only(&inputs.only);
    let flags = setting.flags_mut();
    flags.spec = flags.spec.take().or_else(|| inputs.spec.take());
    flags.only = flags.only.take().or(only);
    flags.deadline = flags.deadline.or(inputs.deadline);
    flags.progress = flags.progress.or(Some(super::progress::Choice::Plain));
    if wants_all && !flags.verbosity.quiet {
        flags.verbosity.verbose = flags.verbosity.verbose.max(1);
    }
    // A variable of the command line is looked for from the end.
    flags.variables.splice(0..0, std::mem::take(&mut inputs.variables));
}

/// Several globs are one with alternatives.
fn only(globs: &[String]) -> Option<String> {
    match globs {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("{{{}}}", several.join(","))),
    }
}

/// A path as it is without the directory that we happen to be in.
fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
