//! `crossdock plan`: shows what would change. Holds nothing that could write to a store.

use super::bundle::ExportArguments;
use super::early::Early;
use super::ending::{Ending, write_whole};
use super::filters;
use super::flags::{Format, PlanArguments};
use super::given::given;
use super::setting::Setting;
use crate::pack::Afar;
use crate::plan::Plan;
use crate::plan::file::PlanFile;
use crate::report::{Command, Exit, PlanExit, Settled, plan_text};
use crate::store::Sight;
use crate::stores::ReadStores;
use crate::walk::{self, Purpose};
use std::sync::Arc;

/// Makes the plan, prints it, and saves it where that is asked for.
pub(super) async fn plan(setting: &Setting, arguments: PlanArguments) -> Exit {
    let exit = match arguments.detailed_exitcode {
        true => PlanExit::Detailed,
        false => PlanExit::Plain,
    };
    let command = Command::Plan { exit };
    made(setting, command, arguments, Targets::Near).await.unwrap_or_else(|early| early.end(setting, command))
}

/// `crossdock export`: the plan as the far side of an air gap needs it. No target is asked, so that all counts
/// as absent there.
pub(super) async fn export(setting: &Setting, arguments: ExportArguments) -> Exit {
    let command = Command::Plan { exit: PlanExit::Plain };
    let arguments = PlanArguments { output: arguments.output, detailed_exitcode: false };
    let made = made(setting, command, arguments, Targets::Afar).await;
    made.unwrap_or_else(|early| early.end(setting, command))
}

/// Whether targets can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Targets {
    Near,
    /// They are on the other side of a gap.
    Afar,
}

async fn made(
    setting: &Setting,
    command: Command,
    arguments: PlanArguments,
    targets: Targets,
) -> Result<Exit, Early> {
    let mut given = given(setting)?;
    let wanted = given.wanted(setting)?;
    let colour = setting.colour()?;
    setting.start_deadline()?;
    let stores = Arc::new(ReadStores::new(Some(&given.spec), setting.credential_places()));
    let sight: Arc<dyn Sight> = match targets {
        Targets::Near => stores.clone(),
        Targets::Afar => Arc::new(Afar::new(stores.clone())),
    };
    let filtering = filters::ready(setting, &mut given, &wanted.models(), &*stores).await?;
    let progress = setting.progress()?;
    let meter = Arc::clone(&setting.meter);
    let found =
        walk::discover(wanted, filtering, Arc::clone(&sight), Purpose::Weigh, meter, setting.stop.clone());
    let plan = walk::weigh(found, &sight).await;
    progress.finish();

    let mut ending = Ending::new(setting, command, Some(given.facts.clone()));
    ending.run.problems = given.warnings;
    ending.used(stores.usage());
    let file = PlanFile { tool_version: ending.run.tool_version.clone(), spec: Some(given.facts), plan };
    if setting.stop.is_set() {
        fill(&mut ending, file.plan);
        return Ok(ending.tell());
    }
    setting.print(&match setting.format() {
        Format::Json => file.to_json(),
        Format::Text => plan_text::render(&file.plan, setting.detail(), colour),
    });
    if let Some(path) = &arguments.output
        && let Err(why) = write_whole(path, file.to_json().as_bytes())
    {
        setting.complain(&format!("the plan {} cannot be written: {why}", path.display()));
        fill(&mut ending, file.plan);
        ending.keep();
        return Ok(Exit::Failed);
    }
    fill(&mut ending, file.plan);
    Ok(ending.silent())
}

/// Puts a plan into a run: entries without outcomes.
pub(super) fn fill(ending: &mut Ending<'_>, plan: Plan) {
    ending.run.cost = plan.cost();
    ending.run.unresolved = plan.unresolved().to_vec();
    ending.run.dropped = plan.dropped().to_vec();
    ending.run.entries = unwritten(plan);
}

/// The entries of a plan, none of which has an outcome.
pub(super) fn unwritten(plan: Plan) -> Vec<Settled> {
    let entries = plan.into_entries().into_iter();
    entries.map(Settled::pending).collect()
}
