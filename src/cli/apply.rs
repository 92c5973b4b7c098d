//! `crossdock apply`: carries out a saved plan to the letter. What moved since is not touched.

use super::flags::ApplyArguments;
use super::given::{load, read, show};
use super::setting::Setting;
use super::sync::Writing;
use crate::plan::file::{BYTES_MAX, PlanFile};
use crate::report::{Command, Exit};
use crate::stores::WriteStores;
use crate::walk;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Carries the plan out.
pub(super) async fn apply(setting: &Setting, arguments: ApplyArguments) -> Exit {
    applied(setting, &arguments.plan).await.unwrap_or_else(|exit| exit)
}

async fn applied(setting: &Setting, path: &Path) -> Result<Exit, Exit> {
    let planned = read_plan(setting, path)?;
    let (spec, warnings) = match &planned.spec {
        None => (None, Vec::new()),
        Some(facts) => {
            // The spec says how the registries are spoken to, and it must be the one of the plan.
            let (spec_path, text) = match setting.spec_path() {
                Some(_) => read(setting)?,
                None => read_at(setting, &facts.path)?,
            };
            let given = load(setting, &spec_path, &text).map_err(|problems| {
                show(setting, &problems);
                Exit::Invalid
            })?;
            if given.facts.digest != facts.digest {
                setting.complain(&format!(
                    "the plan was made from another {}: its SHA-256 was {}, and is {} now; make a new plan",
                    facts.path,
                    facts.digest.short(),
                    given.facts.digest.short()
                ));
                return Err(Exit::Refused);
            }
            (Some(given.spec), given.warnings)
        }
    };
    let stores = Arc::new(WriteStores::new(spec.as_ref(), setting.credential_places()));
    let writing = Writing { command: Command::Apply, spec: planned.spec, warnings, stores };
    let plan = planned.plan;
    let confirm = |stores: Arc<WriteStores>| {
        walk::confirm(plan, stores, Arc::clone(&setting.meter), setting.stop.clone())
    };
    writing.run(setting, confirm).await
}

fn read_plan(setting: &Setting, path: &Path) -> Result<PlanFile, Exit> {
    let refuse = |why: &str| setting.invalid(&format!("the plan {} cannot be used: {why}", path.display()));
    let length = std::fs::metadata(path).map_err(|why| refuse(&why.to_string()))?.len();
    if length > BYTES_MAX {
        return Err(refuse(&format!("it is larger than {BYTES_MAX} bytes")));
    }
    let bytes = std::fs::read(path).map_err(|why| refuse(&why.to_string()))?;
    PlanFile::from_json(&bytes).map_err(|why| refuse(&why.to_string()))
}

fn read_at(setting: &Setting, path: &str) -> Result<(PathBuf, String), Exit> {
    let why = |why: std::io::Error| {
        setting.invalid(&format!(
            "{path}, which the plan was made from, cannot be read: {why}; name it with --spec"
        ))
    };
    Ok((path.into(), std::fs::read_to_string(path).map_err(why)?))
}
