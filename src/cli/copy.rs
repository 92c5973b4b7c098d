//! `crossdock copy`: one image, without a spec's rules. A spec that is there still says how
//! registries are spoken to.

use super::early::Early;
use super::flags::CopyArguments;
use super::given::given;
use super::setting::Setting;
use super::sync::{Repair, Writing};
use crate::form::Form;
use crate::oci::{Reference, Tag};
use crate::plan::{Rename, RenamedBy};
use crate::referrers::SourceTags;
use crate::report::{Command, Exit};
use crate::resolve::{Mapping, MappingTarget};
use crate::spec::{OnExisting, Referrers};
use crate::stores::WriteStores;
use crate::walk;
use std::sync::Arc;

/// The name of the rule in the report of a copy.
const MIRROR: &str = "copy";

/// Copies one image to one or more targets.
pub(super) async fn copy(setting: &Setting, arguments: CopyArguments) -> Exit {
    copied(setting, arguments).await.unwrap_or_else(|early| early.end(setting, Command::Copy))
}

async fn copied(setting: &Setting, arguments: CopyArguments) -> Result<Exit, Early> {
    let CopyArguments { source, targets, referrers, afterwards } = arguments;
    let mapping = Mapping { referrers: wanted(referrers)?, ..mapping(MIRROR, source, targets)? };
    let given = match setting.spec_path() {
        Some(_) => Some(given(setting)?),
        None => None,
    };
    let stores =
        Arc::new(WriteStores::new(given.as_ref().map(|given| &given.spec), setting.credential_places()));
    let (spec, warnings) = given.map_or((None, Vec::new()), |given| (Some(given.facts), given.warnings));
    setting.colour()?;
    setting.start_deadline()?;
    let repair = Repair::No;
    let writing =
        Writing { command: Command::Copy, spec, warnings, stores, repair, afterwards, known: Vec::new() };
    let look_at = |stores: Arc<WriteStores>| {
        walk::look_at(vec![mapping], stores, Arc::clone(&setting.meter), setting.stop.clone())
    };
    writing.run(setting, look_at).await
}

/// Which referrers are copied, too: as the spec has it.
pub(super) fn wanted(words: Vec<String>) -> Result<Referrers, Early> {
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | ["all"] => return Ok(Referrers::All),
        ["none"] => return Ok(Referrers::None),
        _ => {}
    }
    let types = words.iter().map(|word| {
        word.parse().map_err(|why| {
            Early::Invalid(format!("--referrers {word}: neither `all`, `none` nor an artifact type: {why}"))
        })
    });
    Ok(Referrers::Types(types.collect::<Result<_, _>>()?))
}

/// One image that was named on the command line, and its targets.
pub(super) fn mapping(
    mirror: &str,
    mut source: Reference,
    targets: Vec<Reference>,
) -> Result<Mapping, Early> {
    if source.digest.is_none() && source.tag.is_none() {
        source.tag = Some(latest());
    }
    let targets = targets.into_iter().map(|target| complete(&source, target));
    let targets: Vec<Reference> = targets.collect::<Result<_, _>>()?;
    Ok(Mapping {
        mirror: mirror.to_owned(),
        spec_line: None,
        rename: rename(&source, &targets),
        source,
        head: None,
        targets: targets.into_iter().map(MappingTarget::plain).collect(),
        on_existing: OnExisting::Overwrite,
        form: Form::default(),
        referrers: Referrers::default(),
        require: Vec::new(),
        source_tags: SourceTags::Named(1),
        pinned: None,
        gates: None,
    })
}

/// A target without a tag gets the source's.
fn complete(source: &Reference, mut target: Reference) -> Result<Reference, Early> {
    if target.digest.is_some() {
        return Err(Early::Invalid(format!(
            "the target {target} must not have a digest: it gets the source's; name a tag instead"
        )));
    }
    if target.tag.is_none() {
        target.tag = source.tag.clone();
    }
    match target.tag {
        Some(_) => Ok(target),
        None => Err(Early::Invalid(format!(
            "the target {target} needs a tag, because the source has none: write {target}:TAG"
        ))),
    }
}

fn rename(source: &Reference, targets: &[Reference]) -> Option<Rename> {
    let from = source.tag.clone()?;
    let to = targets.iter().filter_map(|target| target.tag.clone()).find(|tag| *tag != from)?;
    Some(Rename { by: RenamedBy::CommandLine, from, to })
}

fn latest() -> Tag {
    "latest".parse().expect("`latest` is a tag")
}
