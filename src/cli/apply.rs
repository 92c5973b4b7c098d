//! `crossdock apply`: carries out a saved plan to the letter. What moved since is not touched.

use super::early::Early;
use super::ending::Ending;
use super::filters::{self, Changed};
use super::flags::ApplyArguments;
use super::given::{Given, load, read};
use super::setting::Setting;
use super::sync::{Repair, Writing};
use crate::failure::{Code, Failure, Operation, Side};
use crate::outcome::{Done, Outcome, Tally};
use crate::plan::file::{BYTES_MAX, PlanFile};
use crate::plan::{Plan, TargetEntry};
use crate::report::{Command, Exit, Settled};
use crate::stores::WriteStores;
use crate::walk;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Carries the plan out.
pub(super) async fn apply(setting: &Setting, arguments: ApplyArguments) -> Exit {
    applied(setting, &arguments).await.unwrap_or_else(|early| early.end(setting, Command::Apply))
}

async fn applied(setting: &Setting, arguments: &ApplyArguments) -> Result<Exit, Early> {
    let planned = read_plan(&arguments.plan)?;
    let given = match &planned.spec {
        None => None,
        Some(facts) => {
            // The spec says how the registries are spoken to, and it must be the one of the plan.
            let (spec_path, text) = match setting.spec_path() {
                Some(_) => read(setting)?,
                None => read_at(&facts.path)?,
            };
            let given = load(setting, &spec_path, &text)?;
            if given.facts.digest != facts.digest {
                let why = format!(
                    "the plan was made from another {}: its SHA-256 was {}, and is {} now",
                    facts.path,
                    facts.digest.short(),
                    given.facts.digest.short()
                );
                return Ok(refused(setting, given, planned.plan, &why));
            }
            Some(given)
        }
    };
    let spec = given.as_ref().map(|given| &given.spec);
    let stores = Arc::new(WriteStores::new(spec, setting.credential_places()));
    setting.colour()?;
    setting.start_deadline()?;
    let mut warnings = Vec::new();
    if let (Some(given), Some(facts)) = (given, &planned.spec) {
        if let Changed::Yes(why) = filters::changed(setting, &given, &facts.filters, &*stores).await? {
            return Ok(refused(setting, given, planned.plan, &why));
        }
        warnings = given.warnings;
    }
    let writing = Writing {
        command: Command::Apply,
        spec: planned.spec,
        warnings,
        stores,
        repair: Repair::No,
        afterwards: arguments.afterwards,
        known: Vec::new(),
    };
    let plan = planned.plan;
    let confirm = |stores: Arc<WriteStores>| {
        walk::confirm(plan, stores, Arc::clone(&setting.meter), setting.stop.clone())
    };
    writing.run(setting, confirm).await
}

/// Touches nothing, and says of every target of the plan why.
fn refused(setting: &Setting, given: Given, plan: Plan, why: &str) -> Exit {
    let mut ending = Ending::new(setting, Command::Apply, Some(given.facts));
    ending.run.problems = given.warnings;
    ending.run.unresolved = plan.unresolved().to_vec();
    ending.run.dropped = plan.dropped().to_vec();
    let outcome = |target: &TargetEntry| {
        let failure = Failure::new(Code::Refused, &target.reference.repository, Operation::Compare, why);
        let result = Done::Refused(failure.on(Side::Target).hint("make a new plan"));
        let digest_after = target.drift.found().cloned();
        Some(Outcome { result, digest_after, tally: Tally::default(), attempts: 0, duration_ms: 0 })
    };
    let settled = plan.into_entries().into_iter().map(|entry| Settled {
        outcomes: entry.targets.iter().map(outcome).collect(),
        entry,
        source_after: None,
    });
    ending.run.entries = settled.collect();
    ending.tell()
}

pub(super) fn read_plan(path: &Path) -> Result<PlanFile, Early> {
    let refuse = |why: &str| Early::Invalid(format!("the plan {} cannot be used: {why}", path.display()));
    let length = std::fs::metadata(path).map_err(|why| match why.kind() {
        ErrorKind::NotFound => {
            let path = path.display();
            Early::Invalid(format!("there is no plan {path}: make it with `crossdock plan -o {path}`"))
        }
        _ => refuse(&why.to_string()),
    });
    let length = length?.len();
    if length > BYTES_MAX {
        return Err(refuse(&format!("it is larger than {BYTES_MAX} bytes")));
    }
    let bytes = std::fs::read(path).map_err(|why| refuse(&why.to_string()))?;
    PlanFile::from_json(&bytes).map_err(|why| refuse(&why.to_string()))
}

fn read_at(path: &str) -> Result<(PathBuf, String), Early> {
    let why = |why: std::io::Error| {
        Early::Invalid(format!(
            "{path}, which the plan was made from, cannot be read: {why}; name it with --spec"
        ))
    };
    Ok((path.into(), std::fs::read_to_string(path).map_err(why)?))
}
