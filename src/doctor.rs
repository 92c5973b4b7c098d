//! Examining what a spec needs before anything is mirrored: whether sources can be read, and whether targets
//! take uploads. Writes nothing that stays: an upload is begun and given back.

use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{At, Descriptor, Digest, MediaType, Reference, Repository};
use crate::spec::Rule;
use crate::store::{Begun, Listed, Reach, Sight};
use futures::stream::{self, StreamExt as _};
use std::collections::HashSet;

/// Repositories that are examined at once.
const REPOSITORIES_AT_ONCE: usize = 16;
/// What is named as the blob of the upload that is begun. Nothing of it is ever sent.
const PROBE: &[u8] = b"crossdock";

/// What is needed of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Need {
    /// To read it; by a tag that a rule spells out, or else by its list of tags.
    Pull(Option<Reference>),
    /// To write to it.
    Push,
}

/// One repository of a spec, and what was found out about it.
#[derive(Debug)]
pub struct Answer {
    /// The repository.
    pub repository: Repository,
    /// What is needed of it.
    pub need: Need,
    /// The first rule that needs it, and the line where that stands.
    pub rule: (String, u32),
    /// Whether it can be had.
    pub found: Fallible<Found>,
}

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It can be read.
    Readable,
    /// An upload was begun, and given back.
    Writable,
    /// It is not there, and is made when it is needed.
    Absent,
    /// It is a directory, and those are not written to try it.
    Untried,
}

/// Asks every repository of the rules, each once, in the order in which the rules name them.
pub async fn examine(rules: &[Rule], sight: &dyn Sight, reach: &dyn Reach) -> Vec<Answer> {
    let mut seen = HashSet::new();
    let mut needs = Vec::new();
    for rule in rules {
        let literal = rule.selection.literals().and_then(|tags| tags.into_iter().next());
        let read = Need::Pull(literal.map(|tag| rule.source.at(tag)));
        let written = rule.targets.iter().map(|target| (target.clone(), Need::Push));
        for need in [(rule.source.clone(), read)].into_iter().chain(written) {
            if seen.insert(need.clone()) {
                needs.push((need, (rule.name.clone(), rule.line)));
            }
        }
    }
    let asking = needs.into_iter().map(|((repository, need), rule)| async move {
        let found = match &need {
            Need::Pull(image) => {
                pull(&repository, image.as_ref(), sight).await.map_err(|f| f.on(Side::Source))
            }
            Need::Push => push(&repository, reach).await.map_err(|f| f.on(Side::Target)),
        };
        Answer { repository, need, rule, found }
    });
    stream::iter(asking).buffered(REPOSITORIES_AT_ONCE).collect().await
}

async fn pull(repository: &Repository, image: Option<&Reference>, sight: &dyn Sight) -> Fallible<Found> {
    let reader = sight.source(repository).await?;
    let is_there = match image.and_then(|image| image.tag.clone()) {
        Some(tag) => reader.head(&At::Tag(tag)).await?.is_some(),
        None => match reader.list(1).await? {
            Listed::Tags(_) => true,
            Listed::Nowhere => false,
            // More than a page, or no list: then only its images can tell.
            Listed::Untold => reader.tags().await?.is_some(),
        },
    };
    match is_there {
        true => Ok(Found::Readable),
        false => {
            let place = image.map_or_else(|| repository.to_string(), ToString::to_string);
            let message = "there is no such repository or tag";
            Err(Failure::new(Code::NotFound, place, Operation::TagList, message)
                .hint("check the name; a private repository looks like this without credentials, too"))
        }
    }
}

/// Only an upload that begins shows the right to write: some registries give tokens for rights that are not
/// there.
async fn push(repository: &Repository, reach: &dyn Reach) -> Fallible<Found> {
    if matches!(repository, Repository::Local { .. }) {
        return Ok(Found::Untried);
    }
    let writer = reach.target(repository).await?;
    let media_type = MediaType::oci_manifest();
    let probe = Descriptor::new(media_type, Digest::of(PROBE), PROBE.len() as u64);
    if let Begun::Upload(upload) = writer.begin_anew(&probe).await? {
        upload.give_back().await;
    }
    Ok(Found::Writable)
}
