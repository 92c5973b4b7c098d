//! `crossdock inventory`: writes down what the closed side holds, for `bundle create --against`. Holds nothing
//! that could write to a store.

use super::early::Early;
use super::ending::{Ending, write_whole};
use super::given::given;
use super::setting::Setting;
use crate::bundle::Inventory;
use crate::inventory::{Held, take};
use crate::oci::{Area, PLACEHOLDER, Reference, Repository};
use crate::plan::Unresolved;
use crate::report::escape::foreign;
use crate::report::{Command, Exit};
use crate::spec::Spec;
use crate::stores::ReadStores;
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// The name of the rule in the report where something was named.
const MIRROR: &str = "inventory";

#[derive(Debug, Args)]
pub(in crate::cli) struct InventoryArguments {
    /// What is looked at: registry/path/**, registry/repository, oci:DIRECTORY or oci-archive:FILE; without
    /// any, the targets of the spec
    #[arg(value_name = "WHERE")]
    held: Vec<Held>,

    /// Write the inventory here, instead of on stdout
    #[arg(long, short = 'o', value_name = "PATH")]
    output: Option<PathBuf>,
}

/// Takes an inventory.
pub(super) async fn inventory(setting: &Setting, arguments: InventoryArguments) -> Exit {
    taken(setting, arguments).await.unwrap_or_else(|early| early.end(setting, Command::Inventory))
}

async fn taken(setting: &Setting, arguments: InventoryArguments) -> Result<Exit, Early> {
    let InventoryArguments { held, output } = arguments;
    let mut held: BTreeSet<Held> = held.into_iter().collect();
    let given = match (held.is_empty(), setting.spec_path()) {
        (false, None) => None,
        (true, _) | (false, Some(_)) => Some(given(setting)?),
    };
    let spec = given.as_ref().map(|given| &given.spec);
    if held.is_empty() {
        held.extend(spec.into_iter().flat_map(targets));
    }
    let stores = Arc::new(ReadStores::new(spec, setting.credential_places()));
    setting.colour()?;
    setting.start_deadline()?;
    let progress = setting.progress()?;
    let taken = setting.stop.or(take(&held, &*stores)).await;
    progress.finish();
    let (facts, warnings) = given.map_or((None, Vec::new()), |given| (Some(given.facts), given.warnings));
    let mut ending = Ending::new(setting, Command::Inventory, facts);
    ending.run.problems = warnings;
    ending.used(stores.usage());
    let taken = match taken {
        Ok(taken) => taken,
        Err(stopped) => Err(vec![*stopped]),
    };
    match taken {
        Ok(inventory) => Ok(write(setting, ending, &inventory, output)),
        Err(failures) => {
            ending.run.unresolved = failures.into_iter().map(unresolved).collect();
            Ok(ending.tell())
        }
    }
}

fn write(setting: &Setting, ending: Ending<'_>, inventory: &Inventory, output: Option<PathBuf>) -> Exit {
    let text = inventory.write();
    let Some(path) = output else {
        setting.print(&text);
        return ending.silent();
    };
    if let Err(why) = write_whole(&path, text.as_bytes()) {
        setting.complain(&format!("the inventory {} cannot be written: {why}", path.display()));
        ending.keep();
        return Exit::Failed;
    }
    if !setting.is_quiet() {
        let blobs: BTreeMap<_, _> = inventory.repositories.iter().flat_map(|stock| &stock.blobs).collect();
        let bytes: u64 = blobs.values().copied().sum();
        let (repositories, blobs) = (inventory.repositories.len(), blobs.len());
        let line =
            format!("wrote {}: {repositories} repositories, {blobs} blobs of {bytes} bytes", path.display());
        setting.show(&foreign(line));
    }
    ending.silent()
}

/// Where a spec writes: repositories, and for rules about many the areas in which theirs lie.
fn targets(spec: &Spec) -> Vec<Held> {
    let fixed = spec.mirrors.iter().flat_map(|rule| &rule.targets).cloned().map(Held::Target);
    let templates = spec.estates.iter().flat_map(|estate| &estate.targets);
    let areas = templates.filter_map(|template| {
        let text = template.to_string();
        let (before, _) = text.split_once(PLACEHOLDER)?;
        let (area, _) = before.rsplit_once('/')?;
        format!("{area}/**").parse().ok().map(Held::Area)
    });
    fixed.chain(areas).collect()
}

fn unresolved(failure: crate::failure::Failure) -> Unresolved {
    let area = || failure.repository.parse().ok().map(|area: Area| area.stand_in());
    let repository: Option<Repository> = failure.repository.parse().ok().or_else(area);
    let repository = repository.unwrap_or_else(|| Repository::Local {
        place: crate::oci::Place::layout(&failure.repository),
        name: None,
    });
    let source = Reference { repository, tag: None, digest: None };
    Unresolved { mirror: MIRROR.to_owned(), spec_line: None, source, target: None, failure }
}
