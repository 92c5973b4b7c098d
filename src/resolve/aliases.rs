//! Aliases: finds out what the tags of a source name, and takes those that name a taken image.

use crate::facts::{self, Gathered};
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::filter::Needs;
use crate::oci::{Digest, Tag};
use crate::select::Verdict;
use crate::spec::Rule;
use crate::store::{Head, Sight};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most tags of one repository whose digests are asked for one by one: no repository of versions has so many,
/// and at the documented limits of registries this takes minutes.
const TAGS_ASKED_MAX: usize = 10_000;

/// Takes the aliases of what `rule` takes. One HEAD for each tag that is not among the `heads`, where it is
/// taken or could be an alias; none where nothing is taken. What was found out is added to `heads`.
///
/// # Errors
/// The source cannot be asked, or has more than [`TAGS_ASKED_MAX`] tags of which nothing is known.
pub(super) async fn take(
    rule: &Rule,
    verdicts: &mut [Verdict],
    heads: &mut BTreeMap<Tag, Head>,
    sight: &Arc<dyn Sight>,
) -> Fallible<()> {
    let tags = rule.selection.asked_for_aliases(verdicts);
    let unknown = tags.iter().filter(|tag| !heads.contains_key(*tag)).count();
    if unknown > TAGS_ASKED_MAX {
        return Err(too_many(rule, unknown));
    }
    if unknown > 0 {
        tracing::debug!(mirror = rule.name, tags = unknown, "asking what tags name, to find aliases");
        let needs = Needs { digest: true, ..Needs::default() };
        let known = std::mem::take(heads);
        let Gathered { heads: found, .. } =
            facts::gather(&rule.source, &tags, known.clone(), needs, sight).await?;
        *heads = known;
        heads.extend(found);
    }
    let digests: BTreeMap<Tag, Digest> =
        heads.iter().map(|(tag, head)| (tag.clone(), head.digest.clone())).collect();
    rule.selection.take_aliases(verdicts, &digests);
    Ok(())
}

fn too_many(rule: &Rule, tags: usize) -> Box<Failure> {
    let message = format!(
        "to find aliases, {tags} tags would have to be asked for one by one, which is more than {TAGS_ASKED_MAX}"
    );
    Failure::new(Code::LimitExceeded, &rule.source, Operation::TagList, message)
        .hint("leave `aliases` out, or leave tags out with `exclude`: those are not asked for")
        .on(Side::Source)
}
