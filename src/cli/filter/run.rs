//! `crossdock filter run`: what a filter decides about the real tags of a repository. Holds nothing that
//! could write to a store.

use super::decided;
use super::flags::RunArguments;
use super::stopped::Stopped;
use super::subject::{blocking, component, config, prepared};
use crate::cases;
use crate::cli::ending::write_whole;
use crate::cli::flags::Format;
use crate::cli::given::given_if_any;
use crate::cli::setting::Setting;
use crate::facts::{self, Gathered};
use crate::failure::Fallible;
use crate::filter::{Decision, Filter, FilterError, Needs, Request};
use crate::oci::{Repository, Tag};
use crate::report::Exit;
use crate::report::escape::{self, foreign};
use crate::resolve;
use crate::select::Pattern;
use crate::store::Sight;
use crate::stores::ReadStores;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Lists the tags, gathers what the filter needs, lets it decide, and shows that.
pub(super) async fn run(setting: &Setting, arguments: RunArguments) -> Exit {
    ran(setting, arguments).await.unwrap_or_else(|stopped| stopped.end(setting))
}

async fn ran(setting: &Setting, arguments: RunArguments) -> Result<Exit, Stopped> {
    setting.start_deadline()?;
    let RunArguments { file, source, target, config: text, tags: patterns, record, limits } = arguments;
    let config = config(text.as_deref())?;
    let given = given_if_any(setting)?;
    let component = component(setting, &file).await?;
    let filter = prepared(setting, &component, &config, limits.limits()).await?;
    let stores: Arc<dyn Sight> =
        Arc::new(ReadStores::new(given.as_ref().map(|given| &given.spec), setting.credential_places()));
    let needs = filter.needs();
    let gathered = async {
        let tags = listed(&source, &patterns, &*stores).await?;
        facts::gather(&source, &tags, BTreeMap::new(), needs, &stores).await
    };
    let Gathered { images, gone, .. } = setting.stop.or(gathered).await.map_err(|_| Stopped::Signal)??;
    for (tag, why) in gone {
        setting.screen.line(&format!("warning: {} is left out: {}", tag, foreign(why)));
    }
    let request = Request {
        source: resolve::named(&source),
        target: resolve::named(target.as_ref().unwrap_or(&source)),
        images,
        now: needs.now.then(|| setting.started_at.unix_timestamp()),
    };
    let (judge, asked) = (filter.clone(), request.clone());
    let decided = blocking(setting, move || judge.decide(&asked)).await?;
    let answer = match &decided {
        Ok(decided) => Ok(decided.decisions.clone()),
        Err(error) => Err(error.clone()),
    };
    if let Some(path) = &record {
        save(setting, path, &config, needs, &request, &answer)?;
    }
    let decided = decided?;
    setting.print(&match setting.format() {
        Format::Text => decided::text(&request, &decided, setting.detail()),
        Format::Json => escape::json(&format!("{:#}\n", document(&filter, &request, &decided))),
    });
    Ok(Exit::Ok)
}

/// The tags of the source that match one of the patterns; all of them where there are none.
async fn listed(source: &Repository, patterns: &[Pattern], sight: &dyn Sight) -> Fallible<Vec<Tag>> {
    let tags = sight.source(source).await?.tags().await?;
    let whole = crate::oci::Reference { repository: source.clone(), tag: None, digest: None };
    let mut tags =
        tags.ok_or_else(|| resolve::not_found(&whole, "the repository does not exist, or has no tags"))?;
    tags.retain(|tag| patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(tag)));
    Ok(tags)
}

fn save(
    setting: &Setting,
    path: &Path,
    config: &Value,
    needs: Needs,
    request: &Request,
    answer: &Result<Vec<Decision>, Box<FilterError>>,
) -> Result<(), Stopped> {
    let text = cases::recorded(config, needs, request, answer);
    write_whole(path, text.as_bytes())
        .map_err(|why| Stopped::Unwritten(format!("the case {} cannot be written: {why}", path.display())))?;
    setting.screen.line(&format!("The case is in {}.", foreign(path.display())));
    Ok(())
}

fn document(filter: &Filter, request: &Request, decided: &crate::filter::Decided) -> Value {
    let mut document = decided::json(request, decided);
    document["filter"] = filter.name().into();
    document["sha256"] = filter.digest().hex().into();
    document["needs"] = super::needs::json(filter.needs());
    document
}
