//! The run itself: the command that the inputs name, with the files that it writes.

use super::place::Place;
use crate::ci::file_name;
use crate::ci::input::{Copy, Depth, Inputs, Verb, Verify};
use crate::cli::bundle::Offline;
use crate::cli::ending::Ending;
use crate::cli::flags::{
    Afterwards, ApplyArguments, CheckArguments, CopyArguments, LookDepth, PlanArguments, ReportFile,
    SyncArguments, VerifyArguments,
};
use crate::cli::setting::Setting;
use crate::cli::{apply, check, copy, lint, plan, sync, verify};
use crate::report::{Command, Exit, Format, PlanExit, Problem, Run};
use std::path::PathBuf;

/// A command with everything that it needs.
pub(super) struct Prepared {
    what: What,
    afterwards: Afterwards,
    /// Where the report as JSON goes.
    report: Option<PathBuf>,
    /// Where the plan goes.
    plan: Option<PathBuf>,
}

enum What {
    Lint,
    Plan,
    Sync { repair: bool },
    Check { deep: bool },
    Apply(PathBuf),
    Copy(Copy),
    Verify { image: Option<Copy>, depth: LookDepth, output: Option<PathBuf> },
}

/// A run that ended, and the files that it left.
pub(super) struct Ran {
    pub(super) run: Run,
    pub(super) exit: Exit,
    pub(super) report: Option<PathBuf>,
    pub(super) plan: Option<PathBuf>,
}

/// What a plan is called where nobody says otherwise.
const PLAN_FILE: &str = "plan.json";
/// What the result of `verify` is called, beside the reports.
const VERIFICATION_FILE: &str = "verification.json";

impl Prepared {
    /// The command of `inputs`, with its reports in `place`.
    pub(super) fn of(setting: &mut Setting, inputs: Inputs, place: &Place) -> Self {
        let mut report = None;
        for format in inputs.reports {
            let Some(path) = place.file(file_name(format)) else { continue };
            place.wrote(&path);
            if format == Format::Json {
                report = Some(path.clone());
            }
            setting.flags_mut().reports.push(ReportFile { format, path });
        }
        let what = match (inputs.copy, inputs.verb) {
            (image, Verb::Verify) => What::Verify {
                image,
                depth: if inputs.depth == Depth::Content { LookDepth::Bytes } else { LookDepth::Fetch },
                output: place.file(VERIFICATION_FILE).inspect(|path| place.wrote(path)),
            },
            (Some(copy), _) => What::Copy(copy),
            (None, Verb::Lint) => What::Lint,
            (None, Verb::Plan) => What::Plan,
            (None, Verb::Sync) => What::Sync { repair: inputs.depth == Depth::Content },
            (None, Verb::Check) => What::Check { deep: inputs.depth == Depth::Content },
            (None, Verb::Apply) => What::Apply(inputs.plan_file.clone().unwrap_or_default()),
        };
        let plan = match what {
            What::Plan => inputs.plan_file.or_else(|| place.file(PLAN_FILE)),
            _ => None,
        };
        if let Some(plan) = &plan {
            place.wrote(&super::absolute(plan));
        }
        Self { what, afterwards: Afterwards { verify: inputs.verify == Verify::Always }, report, plan }
    }

    /// Runs it, unless something is wrong with the inputs.
    pub(super) async fn run(self, setting: &Setting, wrong: &[String]) -> Ran {
        let Self { what, afterwards, report, plan } = self;
        let command = what.command();
        let exit = match wrong {
            [] => what.run(setting, plan.clone(), afterwards).await,
            wrong => {
                let mut ending = Ending::new(setting, command, None);
                for why in wrong {
                    setting.complain(why);
                }
                ending.run.problems = wrong.iter().map(Problem::usage).collect();
                ending.silent()
            }
        };
        setting.pipeline.close_fold(&setting.screen);
        let run = setting.take_ended().unwrap_or_else(|| Ending::new(setting, command, None).run);
        let there = |path: Option<PathBuf>| path.filter(|path| path.is_file());
        Ran { run, exit, report: there(report), plan: there(plan) }
    }
}

impl What {
    fn command(&self) -> Command {
        match self {
            Self::Lint => Command::Lint,
            // That changes are pending is told; whether it is red is up to `fail-on`.
            Self::Plan => Command::Plan { exit: PlanExit::Detailed },
            Self::Sync { .. } => Command::Sync,
            Self::Check { .. } => Command::Check,
            Self::Apply(_) => Command::Apply,
            Self::Copy(_) => Command::Copy,
            Self::Verify { .. } => Command::Verify,
        }
    }

    async fn run(self, setting: &Setting, output: Option<PathBuf>, afterwards: Afterwards) -> Exit {
        match self {
            Self::Lint => lint::lint(setting).await,
            Self::Plan => plan::plan(setting, PlanArguments { output, detailed_exitcode: true }).await,
            Self::Sync { repair } => {
                sync::sync(setting, SyncArguments { repair, offline: Offline::default(), afterwards }).await
            }
            Self::Check { deep } => check::check(setting, CheckArguments { deep }).await,
            Self::Apply(plan) => apply::apply(setting, ApplyArguments { plan, afterwards }).await,
            Self::Copy(Copy { source, targets }) => {
                copy::copy(setting, CopyArguments { source, targets, referrers: Vec::new(), afterwards })
                    .await
            }
            Self::Verify { image, depth, output } => {
                let (source, targets) =
                    image.map_or((None, Vec::new()), |Copy { source, targets }| (Some(source), targets));
                let referrers = Vec::new();
                verify::verify(setting, VerifyArguments { source, targets, referrers, depth, output }).await
            }
        }
    }
}
