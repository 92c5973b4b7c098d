//! `crossdock bundle create`: writes all that is to be mirrored into one file. Holds nothing that could write
//! to a store.

use super::against::inventories;
use super::flags::CreateArguments;
use super::packing::{Packing, pack};
use crate::cli::copy::{mapping, wanted};
use crate::cli::early::Early;
use crate::cli::ending::Ending;
use crate::cli::filters;
use crate::cli::given::{Given, given};
use crate::cli::import::Foreign;
use crate::cli::journal::Journal;
use crate::cli::setting::Setting;
use crate::oci::{Place, PlaceKind, Reference, Repository};
use crate::pack::Afar;
use crate::plan::Plan;
use crate::report::{Command, Exit};
use crate::resolve::Mapping;
use crate::store::Sight;
use crate::stores::ReadStores;
use crate::walk::{self, Purpose};
use std::path::Path;
use std::sync::Arc;

/// The name of the rule in the report where images were named.
const MIRROR: &str = "bundle";

/// Writes a bundle.
pub(super) async fn create(setting: Setting, arguments: CreateArguments) -> Exit {
    let CreateArguments { images, output, split, against, referrers, from, told } = arguments;
    let (setting, images) = match from {
        Some(_) => {
            let files = images.into_iter().map(Into::into).collect();
            (setting.from(Foreign { from, files, told }), Vec::new())
        }
        None => (setting, images),
    };
    let created = async {
        let mappings = mappings(&images, referrers, &output)?;
        let packing = Packing {
            path: output,
            part_bytes: split.map(|size| size.bytes()),
            inventories: inventories(&against)?,
        };
        created(&setting, mappings, packing).await
    };
    let created = created.await;
    created.unwrap_or_else(|early| early.end(&setting, Command::Bundle))
}

async fn created(setting: &Setting, mappings: Vec<Mapping>, packing: Packing) -> Result<Exit, Early> {
    let mut given = match (mappings.is_empty(), setting.spec_path()) {
        (false, None) => None,
        (true, _) | (false, Some(_)) => Some(given(setting)?),
    };
    setting.colour()?;
    setting.start_deadline()?;
    let spec = given.as_ref().map(|given| &given.spec);
    let stores = Arc::new(ReadStores::new(spec, setting.credential_places()));
    let progress = setting.progress()?;
    let plan = planned(setting, &mut given, mappings, &stores).await?;
    let mut journal = Journal::begin(setting, Command::Bundle);
    let (spec, warnings) = given.map_or((None, Vec::new()), |given| (Some(given.facts), given.warnings));
    let sources: Arc<dyn Sight> = stores.clone();
    let packed = pack(setting, &packing, plan, sources, &progress, &mut journal).await;
    progress.finish();
    let mut ending = Ending::new(setting, Command::Bundle, spec);
    ending.run.problems = warnings;
    ending.run.entries = packed.entries;
    ending.run.unresolved = packed.unresolved;
    ending.run.dropped = packed.dropped;
    ending.used(stores.usage());
    ending.journal = journal;
    let exit = ending.tell();
    packed.end.tell(setting, &packing.path);
    Ok(exit)
}

/// All that is to be mirrored, as if nothing of it was at its targets: nobody sees those from here.
async fn planned(
    setting: &Setting,
    given: &mut Option<Given>,
    mappings: Vec<Mapping>,
    stores: &Arc<ReadStores>,
) -> Result<Plan, Early> {
    let sight: Arc<dyn Sight> = Arc::new(Afar::new(stores.clone()));
    let (meter, stop) = (Arc::clone(&setting.meter), setting.stop.clone());
    let found = match given {
        Some(given) if mappings.is_empty() => {
            let wanted = given.wanted(setting)?;
            let filtering = filters::ready(setting, given, &wanted.models(), &**stores).await?;
            walk::discover(wanted, filtering, sight, Purpose::Copy, meter, stop)
        }
        _ => walk::look_at(mappings, sight, meter, stop),
    };
    Ok(walk::collect(found).await)
}

/// The images that are named; each goes into the bundle and nowhere else.
fn mappings(images: &[String], referrers: Vec<String>, path: &Path) -> Result<Vec<Mapping>, Early> {
    let referrers = wanted(referrers)?;
    let place = Place { kind: PlaceKind::Archive, path: path.to_owned() };
    let mut mappings: Vec<Mapping> = Vec::new();
    for image in images {
        let source: Reference =
            image.parse().map_err(|why| Early::Invalid(format!("{image:?} is not an image: {why}")))?;
        let repository = Repository::Local { place: place.clone(), name: None };
        // Only for as long as it is looked for: packing gives it the name that it has at its source.
        let target = repository.at("bundle".parse().expect("`bundle` is a tag"));
        let one =
            Mapping { referrers: referrers.clone(), rename: None, ..mapping(MIRROR, source, vec![target])? };
        if mappings.iter().all(|other| other.source != one.source) {
            mappings.push(one);
        }
    }
    Ok(mappings)
}
