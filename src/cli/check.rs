//! `crossdock check`: whether the targets are what the spec says. Holds nothing that could write.

use super::early::Early;
use super::ending::Ending;
use super::filters;
use super::flags::CheckArguments;
use super::given::given;
use super::plan::unwritten;
use super::setting::Setting;
use crate::report::{Command, Exit};
use crate::stores::ReadStores;
use crate::walk::{self, Purpose};
use std::sync::Arc;

/// Observes everything, and says what has drifted.
pub(super) async fn check(setting: &Setting, arguments: CheckArguments) -> Exit {
    checked(setting, arguments).await.unwrap_or_else(|early| early.end(setting, Command::Check))
}

async fn checked(setting: &Setting, arguments: CheckArguments) -> Result<Exit, Early> {
    let mut given = given(setting)?;
    let wanted = given.wanted(setting)?;
    setting.colour()?;
    setting.start_deadline()?;
    let stores = Arc::new(ReadStores::new(Some(&given.spec), setting.credential_places()));
    let filtering = filters::ready(setting, &mut given, &wanted.models(), &*stores).await?;
    let progress = setting.progress()?;
    let meter = Arc::clone(&setting.meter);
    let found = walk::discover(wanted, filtering, stores.clone(), Purpose::Tell, meter, setting.stop.clone());
    let plan = walk::collect(found).await;
    let (unresolved, dropped) = (plan.unresolved().to_vec(), plan.dropped().to_vec());
    let mut entries = unwritten(plan);
    if arguments.deep {
        walk::examine(&mut entries, &*stores, &setting.stop).await;
    }
    progress.finish();
    let mut ending = Ending::new(setting, Command::Check, Some(given.facts));
    ending.run.problems = given.warnings;
    ending.used(stores.usage());
    (ending.run.unresolved, ending.run.dropped) = (unresolved, dropped);
    ending.run.entries = entries;
    Ok(ending.tell())
}
