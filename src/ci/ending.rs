//! The end of a run as a CI hears it: annotations, outputs, a summary, and whatever else it wants.

use super::annotation::{Annotation, Level, annotations};
use super::files::file_name;
use super::{Ci, Effect, Files, Light, Variables, login, outputs};
use crate::report::{Counts, Exit, Format, Run};
use std::path::Path;

/// A run that ended, and everything that telling it needs.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// The run.
    pub run: &'a Run,
    /// How the command ended.
    pub exit: Exit,
    /// What the pipeline makes of it.
    pub step: Light,
    /// The CI; none outside of one.
    pub ci: Option<Ci>,
    /// The environment.
    pub variables: &'a Variables,
    /// The directory for files of ours, absolute; none when there is none to be had.
    pub directory: Option<&'a Path>,
    /// The files that were written, as the pipeline names them.
    pub files: &'a Files,
    /// The way from the root of the repository to the working directory; often empty.
    pub below: &'a str,
    /// When a summary is written.
    pub summary: Summary,
    /// What is shown beside the log.
    pub shown: Shown,
    /// How many bytes the CI's file for summaries holds already.
    pub summary_bytes: u64,
    /// What the CI's file for artifacts holds already.
    pub artifacts: &'a str,
    /// Something that nobody can guess.
    pub random: u64,
}

/// When a summary is written: the input `summary`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Summary {
    /// Where the CI has a page for it; as `Changes` where it would be in the way.
    #[default]
    Auto,
    /// Of every run.
    Always,
    /// Of runs in which something changed, would change, or went wrong.
    Changes,
    /// Never.
    Never,
}

/// What is shown beside the log: the input `annotations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// Whatever there is.
    #[default]
    Auto,
    /// What makes the step red.
    Errors,
    /// Nothing.
    None,
}

/// Everything that the CI is to be told of the end of a run, in this order.
pub fn effects(ended: &Ended<'_>) -> Vec<Effect> {
    let dialect = ended.ci.unwrap_or(Ci::Generic).dialect();
    let mut effects: Vec<Effect> = ended
        .annotations()
        .iter()
        .filter_map(|annotation| dialect.annotation(annotation))
        .map(Effect::Line)
        .collect();
    effects.extend(dialect.outputs(&outputs(ended.run, ended.exit, ended.files), ended));
    if ended.wants_summary() {
        effects.extend(dialect.summary(ended));
    }
    effects.extend(dialect.more(ended));
    effects
}

impl Ended<'_> {
    fn annotations(&self) -> Vec<Annotation> {
        let unseen = login::unseen_login(self.run, self.variables);
        let mut all = match self.shown {
            Shown::None => Vec::new(),
            Shown::Auto | Shown::Errors => annotations(self.run, self.exit, self.step, self.below, unseen),
        };
        all.retain(|annotation| self.shown == Shown::Auto || annotation.level == Level::Error);
        all
    }

    /// Whether there is nothing to tell but that all is as it was.
    pub(super) fn is_quiet(&self) -> bool {
        let Counts { created, updated, current: _, refused, deferred, failed, pending, dropped: _ } =
            Counts::of(self.run);
        let moved = created + updated + refused + deferred + failed + pending;
        moved == 0 && self.run.problems.is_empty() && self.exit == Exit::Ok
    }

    fn wants_summary(&self) -> bool {
        match self.summary {
            Summary::Auto | Summary::Always => true,
            Summary::Changes => !self.is_quiet(),
            Summary::Never => false,
        }
    }
}

/// The outputs where the CI has no place of its own for them: a file of `NAME=value` lines, which a shell
/// can read too.
pub(super) fn result_file(ended: &Ended<'_>) -> Vec<Effect> {
    let path = ended.directory.map(|directory| directory.join(file_name(Format::Dotenv)));
    path.map(|path| Effect::Write { path, text: Format::Dotenv.render(ended.run) }).into_iter().collect()
}
