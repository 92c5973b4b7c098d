//! `crossdock sync`: makes the targets what the spec says, copying while discovery goes on.

use super::early::Early;
use super::ending::Ending;
use super::filters;
use super::given::given;
use super::setting::Setting;
use crate::plan::SpecFacts;
use crate::report::{Command, Exit, Problem, Settled};
use crate::store::Reach;
use crate::stores::WriteStores;
use crate::transfer::Shared;
use crate::walk::{self, Ended, Found, Purpose};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Plans and copies at once.
pub(super) async fn sync(setting: &Setting) -> Exit {
    synced(setting).await.unwrap_or_else(|early| early.end(setting, Command::Sync))
}

async fn synced(setting: &Setting) -> Result<Exit, Early> {
    let mut given = given(setting)?;
    let rules = given.rules(setting)?;
    let stores = Arc::new(WriteStores::new(Some(&given.spec), setting.credential_places()));
    setting.colour()?;
    setting.start_deadline()?;
    let filtering = filters::ready(setting, &mut given, &rules, &*stores).await?;
    let writing =
        Writing { command: Command::Sync, spec: Some(given.facts), warnings: given.warnings, stores };
    let discover = |stores: Arc<WriteStores>| {
        let meter = Arc::clone(&setting.meter);
        walk::discover(rules, filtering, stores, Purpose::Copy, meter, setting.stop.clone())
    };
    writing.run(setting, discover).await
}

/// A run that writes: what `sync`, `apply` and `copy` have in common.
pub(super) struct Writing {
    pub(super) command: Command,
    pub(super) spec: Option<SpecFacts>,
    pub(super) warnings: Vec<Problem>,
    pub(super) stores: Arc<WriteStores>,
}

impl Writing {
    /// Copies what `discover` finds, and tells how it went. The clock of the deadline runs already.
    pub(super) async fn run(
        self,
        setting: &Setting,
        discover: impl FnOnce(Arc<WriteStores>) -> mpsc::Receiver<Found>,
    ) -> Result<Exit, Early> {
        let progress = setting.progress()?;
        let shared = Arc::new(Shared::new(Arc::clone(&setting.meter), setting.stop.clone()));
        let found = discover(Arc::clone(&self.stores));
        let reach: Arc<dyn Reach> = self.stores.clone();
        let show = |settled: &Settled| {
            setting.meter.entry_done();
            for (target, outcome) in settled.entry.targets.iter().zip(&settled.outcomes) {
                if let Some(outcome) = outcome {
                    progress.item(&settled.entry, target, outcome);
                }
            }
        };
        let Ended { entries, unresolved, dropped } = walk::copy(found, shared, reach, show).await;
        progress.finish();
        let mut ending = Ending::new(setting, self.command, self.spec);
        ending.run.problems = self.warnings;
        ending.run.entries = entries;
        ending.run.unresolved = unresolved;
        ending.run.dropped = dropped;
        ending.used(self.stores.usage());
        Ok(ending.tell())
    }
}
