//! The floor: the same bytes over the same wire, by a program that knows beforehand what is missing,
//! checks nothing and retries nothing. No mirror with as many connections can do less.

mod run;

use crate::corpus::{Corpus, at_source};
pub(crate) use run::run;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Everything that is to be done.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Schemes, hosts and ports.
    source: String,
    target: String,
    /// Paths that are asked for with HEAD.
    heads_at_source: Vec<String>,
    heads_at_target: Vec<String>,
    /// The largest first.
    blobs: Vec<Blob>,
    manifests: Vec<Manifest>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Blob {
    digest: String,
    size_bytes: u64,
    origin: Origin,
    /// Repositories of the target that get it. The first gets the bytes where they are copied.
    places: Vec<Place>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Origin {
    /// This repository of the source.
    Source(String),
    /// This repository of the target has it already.
    Target(String),
}

#[derive(Debug, Serialize, Deserialize)]
struct Place {
    repository: String,
    /// Manifests that wait for it, by number.
    needed_by: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    /// Repositories.
    from: String,
    to: String,
    at: String,
    media_type: String,
    /// How many blobs and children must be there first.
    waits_for: u32,
    /// Manifests that wait for it, by number.
    needed_by: Vec<usize>,
}

impl Plan {
    /// Everything of `corpus` that the target lacks, which has all of `before`. Where there is something,
    /// every tag is asked for on both sides: else nobody could know.
    pub(crate) fn new(corpus: &Corpus, before: Option<&Corpus>, source: &str, target: &str) -> Self {
        let nothing = Corpus::default();
        let there = before.unwrap_or(&nothing).has();
        let missing = corpus
            .manifests
            .iter()
            .filter(|one| !there.contains(&(one.repository.as_str(), one.at.as_str(), one.digest.as_str())));
        let missing: Vec<_> = missing.collect();
        // By repository and digest: who waits for it.
        let mut waiting: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (number, manifest) in missing.iter().enumerate() {
            for need in &manifest.needs {
                waiting.entry((&manifest.repository, need)).or_default().push(number);
            }
        }
        let mut plan = Self { source: source.to_owned(), target: target.to_owned(), ..Self::default() };
        for (digest, blob) in &corpus.blobs {
            let has = |repository: &&String| there.contains(&(repository.as_str(), "", digest.as_str()));
            let places: Vec<Place> = blob
                .repositories
                .iter()
                .filter(|repository| !has(repository))
                .map(|repository| Place {
                    repository: repository.clone(),
                    needed_by: waiting
                        .get(&(repository.as_str(), digest.as_str()))
                        .cloned()
                        .unwrap_or_default(),
                })
                .collect();
            let Some(first) = places.first() else { continue };
            let origin = match blob.repositories.iter().find(has) {
                Some(repository) => Origin::Target(repository.clone()),
                None => Origin::Source(at_source(&first.repository)),
            };
            let size_bytes = blob.content.size_bytes();
            plan.blobs.push(Blob { digest: digest.clone(), size_bytes, origin, places });
        }
        plan.blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size_bytes));
        plan.manifests = missing.iter().map(|one| waits(one, &waiting)).collect();
        plan.count(before.is_some(), corpus);
        plan
    }

    /// Sets how much each manifest waits for, and the HEADs.
    fn count(&mut self, asks: bool, corpus: &Corpus) {
        let mut waits: BTreeMap<usize, u32> = BTreeMap::new();
        let places = self.blobs.iter().flat_map(|blob| &blob.places).flat_map(|place| &place.needed_by);
        for number in places.chain(self.manifests.iter().flat_map(|manifest| &manifest.needed_by)) {
            *waits.entry(*number).or_default() += 1;
        }
        for (number, count) in waits {
            self.manifests[number].waits_for = count;
        }
        if asks {
            let path = |repository: &str, at: &str| format!("/v2/{repository}/manifests/{at}");
            let tagged = || corpus.tagged();
            self.heads_at_source = tagged().map(|one| path(&at_source(&one.repository), &one.at)).collect();
            self.heads_at_target = tagged().map(|one| path(&one.repository, &one.at)).collect();
        }
    }
}

fn waits(manifest: &crate::corpus::Manifest, waiting: &HashMap<(&str, &str), Vec<usize>>) -> Manifest {
    let waiting = waiting.get(&(manifest.repository.as_str(), manifest.digest.as_str()));
    Manifest {
        from: at_source(&manifest.repository),
        to: manifest.repository.clone(),
        at: manifest.at.clone(),
        media_type: manifest.media_type.to_owned(),
        waits_for: 0,
        needed_by: waiting.cloned().unwrap_or_default(),
    }
}
