//! `crossdock sync`: makes the targets what the spec says, copying while discovery goes on.

use super::bundle;
use super::early::Early;
use super::ending::Ending;
use super::filters;
use super::flags::{Afterwards, SyncArguments};
use super::given::given;
use super::journal::Journal;
use super::setting::Setting;
use crate::oci::{Digest, Repository};
use crate::plan::SpecFacts;
use crate::report::{Command, Exit, Problem, Settled};
use crate::store::Reach;
use crate::stores::WriteStores;
use crate::transfer::Shared;
use crate::walk::{self, Ended, Found, Purpose};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Plans and copies at once.
pub(super) async fn sync(setting: &Setting, arguments: SyncArguments) -> Exit {
    synced(setting, arguments).await.unwrap_or_else(|early| early.end(setting, Command::Sync))
}

async fn synced(setting: &Setting, arguments: SyncArguments) -> Result<Exit, Early> {
    if let Some(files) = arguments.offline.files() {
        return bundle::offline(setting, files, &arguments).await;
    }
    let mut given = given(setting)?;
    let wanted = given.wanted(setting)?;
    let stores = Arc::new(WriteStores::new(Some(&given.spec), setting.credential_places()));
    setting.colour()?;
    setting.start_deadline()?;
    let filtering = filters::ready(setting, &mut given, &wanted.models(), &*stores).await?;
    let writing = Writing {
        command: Command::Sync,
        spec: Some(given.facts),
        warnings: given.warnings,
        stores,
        repair: if arguments.repair { Repair::Yes } else { Repair::No },
        afterwards: arguments.afterwards,
        known: Vec::new(),
    };
    let discover = |stores: Arc<WriteStores>| {
        let meter = Arc::clone(&setting.meter);
        walk::discover(wanted, filtering, stores, Purpose::Copy, meter, setting.stop.clone())
    };
    writing.run(setting, discover).await
}

/// A run that writes: what `sync`, `apply` and `copy` have in common.
pub(super) struct Writing {
    pub(super) command: Command,
    pub(super) spec: Option<SpecFacts>,
    pub(super) warnings: Vec<Problem>,
    pub(super) stores: Arc<WriteStores>,
    pub(super) repair: Repair,
    pub(super) afterwards: Afterwards,
    /// Blobs that somebody has looked at in targets.
    pub(super) known: Vec<(Repository, Digest)>,
}

/// Whether what target tags name is examined, and what is broken of it sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repair {
    Yes,
    No,
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
        self.known.iter().for_each(|(repository, blob)| shared.holds(repository, blob));
        let found = discover(Arc::clone(&self.stores));
        let reach: Arc<dyn Reach> = self.stores.clone();
        let mut journal = Journal::begin(setting, self.command);
        let show = |settled: &Settled| {
            setting.meter.entry_done();
            if let Some(journal) = &mut journal {
                journal.note(settled);
            }
            for (target, outcome) in settled.entry.targets.iter().zip(&settled.outcomes) {
                if let Some(outcome) = outcome {
                    progress.item(&settled.entry, target, outcome);
                }
            }
        };
        let copied = walk::copy(found, Arc::clone(&shared), Arc::clone(&reach), show).await;
        let Ended { mut entries, unresolved, dropped } = copied;
        if self.repair == Repair::Yes {
            walk::repair(&mut entries, &shared, &*self.stores, &*reach, &setting.stop).await;
        }
        walk::finish(&mut entries, &*reach).await;
        if self.afterwards.verify {
            walk::verify(&mut entries, &*self.stores, &setting.stop).await;
        }
        progress.finish();
        let mut ending = Ending::new(setting, self.command, self.spec);
        ending.run.problems = self.warnings;
        ending.run.entries = entries;
        ending.run.unresolved = unresolved;
        ending.run.dropped = dropped;
        ending.used(self.stores.usage());
        ending.journal = journal;
        Ok(ending.tell())
    }
}
