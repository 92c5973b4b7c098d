//! `crossdock verify`: compares targets with their sources, every manifest, blob and referrer. Holds nothing
//! that could write to a store.

use super::copy::{mapping, wanted};
use super::early::Early;
use super::ending::{Ending, Told, write_whole};
use super::filters;
use super::flags::{LookDepth, VerifyArguments};
use super::given::{Given, given};
use super::plan::unwritten;
use super::setting::Setting;
use crate::estate::Wanted;
use crate::report::verification::{Closeness, Verification};
use crate::report::{Command, Exit};
use crate::resolve::Mapping;
use crate::select::PatternSet;
use crate::spec::OnExisting;
use crate::stores::ReadStores;
use crate::walk::{self, Found, Purpose};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The name of the rule in the result for one image.
const MIRROR: &str = "verify";

/// Compares all that a spec mirrors, or one image with its copies.
pub(super) async fn verify(setting: &Setting, arguments: VerifyArguments) -> Exit {
    verified(setting, arguments).await.unwrap_or_else(|early| early.end(setting, Command::Verify))
}

async fn verified(setting: &Setting, arguments: VerifyArguments) -> Result<Exit, Early> {
    let VerifyArguments { source, targets, referrers, depth, output } = arguments;
    let closeness = match depth {
        LookDepth::Head => Closeness::Head,
        LookDepth::Fetch => Closeness::Fetch,
        LookDepth::Bytes => Closeness::Bytes,
    };
    let referrers = wanted(referrers)?;
    let one = source.map(|source| mapping(MIRROR, source, targets)).transpose()?;
    let one = one.map(|mapping| Mapping { referrers, ..mapping });
    let mut given = match (&one, setting.spec_path()) {
        (Some(_), None) => None,
        (None, _) | (Some(_), Some(_)) => Some(given(setting)?),
    };
    setting.colour()?;
    let (meter, stop) = (Arc::clone(&setting.meter), setting.stop.clone());
    let stores =
        Arc::new(ReadStores::new(given.as_ref().map(|given| &given.spec), setting.credential_places()));
    let (found, progress) = match (one, &mut given) {
        (Some(mapping), _) => {
            setting.start_deadline()?;
            (walk::look_at(vec![mapping], stores.clone(), meter, stop), setting.progress()?)
        }
        (None, Some(given)) => {
            let wanted = as_they_are(given.wanted(setting)?);
            setting.start_deadline()?;
            let filtering = filters::ready(setting, given, &wanted.models(), &*stores).await?;
            let progress = setting.progress()?;
            (walk::discover(wanted, filtering, stores.clone(), Purpose::Tell, meter, stop), progress)
        }
        (None, None) => return Err(Early::Invalid("there is neither a spec nor an image".to_owned())),
    };
    let (ending, verification) = compared(setting, given, closeness, &stores, found).await;
    progress.finish();
    Ok(end(setting, ending, &verification, output.as_deref()))
}

/// What a rule does to tags that are there is no matter here: what differs is told, whether it would be
/// overwritten or not.
fn as_they_are(mut wanted: Wanted) -> Wanted {
    let models = wanted.estates.iter_mut().map(|(estate, _)| &mut estate.model);
    for rule in wanted.rules.iter_mut().chain(models) {
        rule.on_existing = OnExisting::Overwrite;
        rule.immutable = PatternSet::default();
    }
    wanted
}

async fn compared<'a>(
    setting: &'a Setting,
    given: Option<Given>,
    closeness: Closeness,
    stores: &Arc<ReadStores>,
    found: mpsc::Receiver<Found>,
) -> (Ending<'a>, Verification) {
    let plan = walk::collect(found).await;
    let (unresolved, dropped) = (plan.unresolved().to_vec(), plan.dropped().to_vec());
    let mut entries = unwritten(plan);
    let verification = walk::compare(&mut entries, closeness, &**stores, &setting.stop).await;
    let (spec, warnings) = given.map_or((None, Vec::new()), |given| (Some(given.facts), given.warnings));
    let mut ending = Ending::new(setting, Command::Verify, spec);
    ending.run.problems = warnings;
    ending.used(stores.usage());
    (ending.run.unresolved, ending.run.dropped) = (unresolved, dropped);
    ending.run.entries = entries;
    (ending, verification)
}

/// Saves and prints what was found.
fn end(setting: &Setting, ending: Ending<'_>, verification: &Verification, output: Option<&Path>) -> Exit {
    let saved = output.map_or(Ok(()), |path| {
        write_whole(path, verification.to_json(&ending.run).as_bytes()).map_err(|why| (path, why))
    });
    let exit = ending.tell_as(|run, told| match told {
        Told::Text(text) => verification.line() + &text,
        Told::Json => verification.to_json(run),
    });
    match saved {
        Ok(()) => exit,
        Err((path, why)) => {
            setting.complain(&format!("the result {} cannot be written: {why}", path.display()));
            Exit::Failed
        }
    }
}
