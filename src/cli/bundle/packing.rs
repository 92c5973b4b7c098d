//! Packing what was planned: what it is made of, the draft of the bundle, its blobs, and its name.

use crate::bundle::Inventory;
use crate::cli::journal::Journal;
use crate::cli::progress::Progress;
use crate::cli::setting::Setting;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::meter::Meter;
use crate::oci::{Digest, Place, PlaceKind, Reference, Repository};
use crate::outcome::{Done, Outcome};
use crate::pack::{Draft, Gathered, Gatherer, Memory, Placer, Strangers, contents, packed};
use crate::plan::{Dropped, Entry, Plan, Unresolved};
use crate::report::Settled;
use crate::report::escape::foreign;
use crate::store::Sight;
use crate::transfer::Shared;
use crate::walk::{Ended, copy_known};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the rule in the report where the file itself is to blame.
const MIRROR: &str = "bundle";

/// What bundle is written.
pub(super) struct Packing {
    pub(super) path: PathBuf,
    /// The length of its parts in bytes; none for one file.
    pub(super) part_bytes: Option<u64>,
    /// What is left out, where it is a delta.
    pub(super) inventories: Vec<(Digest, Inventory)>,
}

/// What became of it.
#[derive(Default)]
pub(super) struct Result {
    pub(super) entries: Vec<Settled>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) dropped: Vec<Dropped>,
    pub(super) end: End,
}

/// How it ended.
#[derive(Default)]
pub(super) enum End {
    /// The bundle has its name.
    Whole {
        /// Its files.
        files: Vec<PathBuf>,
        /// Its length in bytes.
        total_bytes: u64,
        /// How many blobs it leaves out, and how many bytes they have; none in a bundle that is no delta.
        left_out: Option<(usize, u64)>,
    },
    /// Something that was asked for is not in it: what was fetched is kept, for the next run.
    #[default]
    Unfinished,
}

/// Writes what `plan` says into a bundle. It gets its name when everything is in it that was asked for and that
/// no policy forbids.
pub(super) async fn pack(
    setting: &Setting,
    packing: &Packing,
    plan: Plan,
    sources: Arc<dyn Sight>,
    progress: &Progress,
    journal: &mut Option<Journal>,
) -> Result {
    let (unresolved, dropped) = (plan.unresolved().to_vec(), plan.dropped().to_vec());
    let mut result = Result { unresolved, dropped, ..Result::default() };
    let show = |settled: &Settled| {
        setting.meter.entry_done();
        if let Some(journal) = journal {
            journal.note(settled);
        }
        for (target, outcome) in settled.entry.targets.iter().zip(&settled.outcomes) {
            if let Some(outcome) = outcome {
                progress.item(&settled.entry, target, outcome);
            }
        }
    };
    let memory = Arc::new(Memory::default());
    let (wanted, gathered, lost) = gather(setting, packing, plan, &sources, &memory).await;
    result.entries.extend(lost);
    let reach =
        |draft: &Arc<Draft>| Placer::new(Arc::clone(&sources), Arc::clone(&memory), Arc::clone(draft));
    match place(setting, packing, &wanted, &gathered, reach, show, &mut result).await {
        Ok(end) => result.end = end,
        Err(failure) => result.unresolved.push(of_file(&packing.path, *failure)),
    }
    result
}

/// Finds out what the entries are made of. Returns those of which that is known, and what became of the
/// others.
async fn gather(
    setting: &Setting,
    packing: &Packing,
    plan: Plan,
    sources: &Arc<dyn Sight>,
    memory: &Arc<Memory>,
) -> (Vec<Entry>, Gathered, Vec<Settled>) {
    let mut open = plan.into_entries();
    let mut lost = Vec::new();
    loop {
        let gatherer = Arc::new(Gatherer::new(Arc::clone(sources), Arc::clone(memory)));
        // What moves here are manifests, which the meter does not count.
        let shared = Arc::new(Shared::new(Meter::new(), setting.stop.clone()));
        let Ended { entries, .. } = copy_known(open, shared, gatherer.clone(), |_| {}).await;
        let (failed, good): (Vec<Settled>, Vec<Settled>) =
            entries.into_iter().partition(|one| failure(one).is_some());
        open = good.into_iter().map(|settled| settled.entry).collect();
        open.sort_by(Entry::in_spec_order);
        if failed.is_empty() {
            return (open, gatherer.gathered(), lost);
        }
        // Once more without them, and without a request: what they are made of is not in the bundle.
        lost.extend(failed.into_iter().map(|settled| as_packed(settled, &packing.path)));
    }
}

/// Why the image is not known whole, where that is so.
fn failure(settled: &Settled) -> Option<&Outcome> {
    let pending =
        settled.entry.targets.iter().zip(&settled.outcomes).filter(|(target, _)| target.drift.is_pending());
    let outcomes = pending.filter_map(|(_, outcome)| outcome.as_ref());
    outcomes.into_iter().find(|outcome| outcome.result.failure().is_some())
}

/// The same as the bundle takes it: one target for all.
fn as_packed(settled: Settled, path: &Path) -> Settled {
    let failed = failure(&settled).cloned();
    let Some(entry) = packed(&settled.entry, path) else { return settled };
    let refused =
        settled.entry.targets.iter().zip(settled.outcomes).filter(|(target, _)| !target.drift.is_pending());
    let outcomes = std::iter::once(failed).chain(refused.map(|(_, outcome)| outcome)).collect();
    Settled::new(entry, outcomes)
}

/// Brings the blobs into their places, and gives the bundle its name.
async fn place(
    setting: &Setting,
    packing: &Packing,
    wanted: &[Entry],
    gathered: &Gathered,
    reach: impl FnOnce(&Arc<Draft>) -> Placer,
    show: impl FnMut(&Settled),
    result: &mut Result,
) -> Fallible<End> {
    let Packing { path, part_bytes, inventories } = packing;
    let as_bundled = |entry: &Entry| packed(entry, path).unwrap_or_else(|| entry.clone());
    let bundled: Vec<Entry> = wanted.iter().map(as_bundled).collect();
    let drafted = async {
        let ours = |why: String| Failure::new(Code::Internal, path.display(), Operation::Open, why);
        let made = contents(wanted, gathered, inventories, path).map_err(|why| ours(why.to_string()))?;
        let strangers = match is_whole(result) {
            true => Strangers::Dropped,
            false => Strangers::Kept,
        };
        let draft = setting.stop.or(Draft::open(path, made.contents, *part_bytes, strangers)).await??;
        Fallible::Ok((Arc::new(draft), made.left_out))
    };
    // Where the file is to blame, it alone is told of.
    let (draft, left_out) = drafted.await?;
    let shared = Arc::new(Shared::new(Arc::clone(&setting.meter), setting.stop.clone()));
    let Ended { entries, unresolved, .. } = copy_known(bundled, shared, Arc::new(reach(&draft)), show).await;
    result.entries.extend(entries);
    result.unresolved.extend(unresolved);
    if !is_whole(result) || setting.stop.is_set() {
        return Ok(End::Unfinished);
    }
    let total_bytes = draft.total_bytes();
    let files = draft.finish().await?;
    let left_bytes = left_out.blobs.iter().map(|blob| blob.size_bytes).sum();
    let left_out = (!inventories.is_empty()).then_some((left_out.blobs.len(), left_bytes));
    Ok(End::Whole { files, total_bytes, left_out })
}

/// Whether nothing is missing of what was asked for, so far. What a policy forbids was not.
fn is_whole(result: &Result) -> bool {
    let is_lost = |settled: &Settled| failure(settled).is_some_and(|outcome| !is_refused(outcome));
    result.unresolved.is_empty() && !result.entries.iter().any(is_lost)
}

fn is_refused(outcome: &Outcome) -> bool {
    matches!(outcome.result, Done::Refused(_))
}

/// The failure of the file itself.
fn of_file(path: &Path, failure: Failure) -> Unresolved {
    let place = Place { kind: PlaceKind::Archive, path: path.to_owned() };
    let repository = Repository::Local { place, name: None };
    let source = Reference { repository, tag: None, digest: None };
    Unresolved { mirror: MIRROR.to_owned(), spec_line: None, source, target: None, failure }
}

impl End {
    /// Says what is there now.
    pub(super) fn tell(&self, setting: &Setting, path: &Path) {
        if setting.is_quiet() {
            return;
        }
        match self {
            Self::Whole { files, total_bytes, left_out } => {
                let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                let mut line = format!("wrote {}: {total_bytes} bytes", names.join(", "));
                if let Some((blobs, bytes)) = left_out {
                    line.push_str(&format!("; {blobs} blobs of {bytes} bytes are left out"));
                }
                setting.show(&foreign(line));
            }
            Self::Unfinished => {
                let line = format!(
                    "{} is not written: something that it shall have is missing; what was fetched is kept, run \
                     again to go on",
                    path.display()
                );
                setting.show(&foreign(line));
            }
        }
    }
}
