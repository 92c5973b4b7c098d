//! `crossdock bundle push`: what is in bundles goes to its targets, as in any other run that writes.

use super::flags::PushArguments;
use super::said;
use crate::bundle::{BundledImage, LeftBlob};
use crate::cli::early::Early;
use crate::cli::ending::Ending;
use crate::cli::filters;
use crate::cli::flags::{Afterwards, SyncArguments};
use crate::cli::given::{Given, given, given_if_any};
use crate::cli::plan::fill;
use crate::cli::setting::Setting;
use crate::cli::sync::{Repair, Writing};
use crate::delivery::{self, Base, Bundle, Destination, Prefix, mappings};
use crate::failure::{Code, Failure, Operation, Side};
use crate::meter::Meter;
use crate::oci::{Digest, Repository};
use crate::outcome::{Done, Outcome, Tally};
use crate::plan::{Plan, TargetEntry};
use crate::report::escape::foreign;
use crate::report::human::Bytes;
use crate::report::{Command, Exit};
use crate::resolve::{Filtering, Mapping};
use crate::store::ReadPlace;
use crate::stores::{self, WriteStores};
use crate::walk::{self, Found, Purpose};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What is wanted of bundles.
enum Wanted {
    /// These images, as the bundles have them.
    Images(Vec<Mapping>),
    /// What rules take.
    Rules(crate::estate::Wanted, Arc<Filtering>),
}

/// Who says where it goes.
enum Targets {
    Bundle,
    Prefix(Prefix),
    Spec,
}

/// Pushes bundles.
pub(super) async fn push(setting: &Setting, arguments: PushArguments) -> Exit {
    let PushArguments { files, to, as_bundled, afterwards } = arguments;
    let is_named = setting.spec_path().is_some();
    let targets = match to {
        Some(prefix) => Targets::Prefix(prefix),
        None if is_named && !as_bundled => Targets::Spec,
        None => Targets::Bundle,
    };
    let given = || is_named.then(|| given(setting)).transpose();
    let pushed = async {
        pushed(setting, given()?, &files.files, targets, (Command::Bundle, Repair::No, afterwards)).await
    };
    pushed.await.unwrap_or_else(|early| early.end(setting, Command::Bundle))
}

/// `crossdock sync --mode offline`: what the spec takes, where there is one; else all that is in the bundles.
pub(in crate::cli) async fn offline(
    setting: &Setting,
    files: &[PathBuf],
    arguments: &SyncArguments,
) -> Result<Exit, Early> {
    let given = given_if_any(setting)?;
    let targets = if given.is_some() { Targets::Spec } else { Targets::Bundle };
    let repair = if arguments.repair { Repair::Yes } else { Repair::No };
    pushed(setting, given, files, targets, (Command::Sync, repair, arguments.afterwards)).await
}

async fn pushed(
    setting: &Setting,
    mut given: Option<Given>,
    files: &[PathBuf],
    targets: Targets,
    (command, repair, afterwards): (Command, Repair, Afterwards),
) -> Result<Exit, Early> {
    let bundles = delivery::open(files).await.map_err(|failure| Early::Invalid(said(&failure)))?;
    let places = bundles.iter().map(|bundle| Arc::clone(&bundle.archive) as Arc<dyn ReadPlace>).collect();
    let spec = given.as_ref().map(|given| &given.spec);
    let stores = WriteStores::new(spec, setting.credential_places()).reading(stores::Offline::new(places));
    let stores = Arc::new(stores);
    setting.colour()?;
    setting.start_deadline()?;
    let wanted = match (targets, &mut given) {
        (Targets::Spec, Some(given)) => {
            let wanted = given.wanted(setting)?;
            let filtering = filters::ready(setting, given, &wanted.models(), &*stores).await?;
            Wanted::Rules(wanted, filtering)
        }
        (Targets::Prefix(prefix), _) => Wanted::Images(images(&bundles, &Destination::Below(prefix))?),
        (Targets::Bundle | Targets::Spec, _) => Wanted::Images(images(&bundles, &Destination::AsBundled)?),
    };
    let (spec, warnings) = given.map_or((None, Vec::new()), |given| (Some(given.facts), given.warnings));
    let known = match left_out(&bundles) {
        none if none.is_empty() => Vec::new(),
        left_out => {
            // Looked at twice, and counted once.
            let plan = walk::collect(wanted.discover(setting, &stores, Meter::new())).await;
            let base = delivery::base(plan.entries(), &left_out, &*stores).await;
            let Base { has, lacks } = base.map_err(|failure| Early::Invalid(said(&failure)))?;
            if !lacks.is_empty() {
                let mut ending = Ending::new(setting, command, spec);
                ending.run.problems = warnings;
                ending.used(stores.usage());
                return Ok(refused(setting, ending, plan, &lacks));
            }
            has
        }
    };
    let writing = Writing { command, spec, warnings, stores, repair, afterwards, known };
    writing.run(setting, |stores| wanted.discover(setting, &stores, Arc::clone(&setting.meter))).await
}

impl Wanted {
    fn discover(
        &self,
        setting: &Setting,
        stores: &Arc<WriteStores>,
        meter: Arc<Meter>,
    ) -> mpsc::Receiver<Found> {
        let (sight, stop) = (Arc::clone(stores), setting.stop.clone());
        match self {
            Self::Images(mappings) => walk::look_at(mappings.clone(), sight, meter, stop),
            Self::Rules(wanted, filtering) => {
                walk::discover(wanted.clone(), Arc::clone(filtering), sight, Purpose::Copy, meter, stop)
            }
        }
    }
}

fn images(bundles: &[Bundle], destination: &Destination) -> Result<Vec<Mapping>, Early> {
    let images: Vec<&BundledImage> = bundles.iter().flat_map(|bundle| &bundle.index.images).collect();
    if images.is_empty() {
        let message = "there is no image in it that crossdock bundled: an archive of another tool is a source \
                       like any other, `oci-archive:FILE`";
        return Err(Early::Invalid(message.to_owned()));
    }
    mappings(&images, destination).map_err(|why| Early::Invalid(foreign(why).to_string()))
}

/// What no bundle has.
fn left_out(bundles: &[Bundle]) -> Vec<LeftBlob> {
    let mut all: BTreeMap<Digest, LeftBlob> = BTreeMap::new();
    for blob in bundles.iter().flat_map(|bundle| &bundle.left_out.blobs) {
        let known = all.entry(blob.digest.clone()).or_insert_with(|| blob.clone());
        known.at.extend(blob.at.iter().cloned());
    }
    all.retain(|digest, _| bundles.iter().all(|bundle| bundle.archive.blob_member(digest).is_none()));
    all.into_values().collect()
}

/// Writes nothing, and says of every pending target what it lacks.
fn refused(
    setting: &Setting,
    mut ending: Ending<'_>,
    plan: Plan,
    lacks: &BTreeMap<Repository, BTreeMap<Digest, u64>>,
) -> Exit {
    for (repository, blobs) in lacks {
        for (digest, size_bytes) in blobs {
            let line =
                format!("{repository} lacks {digest} ({}), which the bundle leaves out", Bytes(*size_bytes));
            setting.complain(&foreign(line).to_string());
        }
    }
    fill(&mut ending, plan);
    for settled in &mut ending.run.entries {
        let outcomes = settled.entry.targets.iter().map(|target| outcome(target, lacks));
        settled.outcomes = outcomes.collect();
    }
    ending.run.cost = None;
    ending.tell()
}

fn outcome(target: &TargetEntry, lacks: &BTreeMap<Repository, BTreeMap<Digest, u64>>) -> Option<Outcome> {
    if !target.drift.is_pending() {
        return None;
    }
    let repository = &target.reference.repository;
    let message = match lacks.get(repository) {
        Some(blobs) => {
            let list: Vec<String> = blobs.keys().map(ToString::to_string).collect();
            format!("the bundle leaves out what is not there: {}", list.join(", "))
        }
        None => "the bundle leaves out what other targets lack, so nothing of it was written".to_owned(),
    };
    let failure = Failure::new(Code::Refused, repository, Operation::Compare, message)
        .hint("push the bundle first that this one builds on, or make one against an inventory of today")
        .on(Side::Target);
    let digest_after = target.drift.found().cloned();
    let tally = Tally::default();
    Some(Outcome { result: Done::Refused(failure), digest_after, tally, attempts: 0, duration_ms: 0 })
}
