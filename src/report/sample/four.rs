//! The four runs that every format is shown with.

use super::{full_run, problem, registries, run};
use crate::plan::Unresolved;
use crate::report::run::{Command, Problem, Run, Severity};

/// One that changed something, one with nothing to do, one of which a part failed, and one whose spec
/// is wrong.
pub(crate) fn four() -> [(&'static str, Run); 4] {
    let nothing_unresolved: Vec<Unresolved> = Vec::new();
    let mut changed = full_run(Command::Sync);
    changed.unresolved = nothing_unresolved;
    changed.problems.clear();
    changed.entries.retain(|settled| {
        settled.outcomes.iter().flatten().all(|outcome| outcome.result.failure().is_none())
            && settled.entry.targets.iter().all(|target| target.drift.mark() != '!')
    });
    let mut nothing = run(Command::Sync);
    nothing.entries = (0..3).map(super::current).collect();
    nothing.registries = registries();
    let partial = full_run(Command::Sync);
    let mut bad = run(Command::Sync);
    bad.spec = None;
    bad.problems = vec![
        Problem {
            code: "unknown-key".to_owned(),
            message: "`tagz` is not a key of a rule".to_owned(),
            line: Some(8),
            column: Some(5),
            hint: Some("did you mean `tags`?".to_owned()),
            ..problem(Severity::Error)
        },
        problem(Severity::Warning),
    ];
    [("changed", changed), ("nothing to do", nothing), ("partial failure", partial), ("bad spec", bad)]
}
