//! Gathers what is served: the names and tags of every place, and every manifest that they reach. Reads, and
//! keeps no manifest.

use super::names::{Names, NamesError};
use super::one::{One, not_there, ones};
use super::referrers::{Entry, REFERRER_BYTES_MAX, Referrers};
use super::{Known, Listing, Repository, Site};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, MediaType, RepositoryPath, Tag};
use crate::store::{INDEX_DEPTH_MAX, ReadPlace, Reader};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Most manifests that are served: what is known of each is kept.
const MANIFESTS_MAX: usize = 1_000_000;
/// Manifests that are read at once.
const READS_AT_ONCE: usize = 16;

/// A place that is to be served.
pub struct Offer {
    /// What it is called in what is said to people.
    pub said: String,
    /// The place.
    pub place: Arc<dyn ReadPlace>,
    /// What the repository of its bare tags is called; none where no name could be made.
    pub bare: Option<RepositoryPath>,
}

/// A repository as it is gathered: its tags, each with the place that has it.
type Tags = BTreeMap<Tag, (Digest, usize)>;

/// A manifest that is to be read, and through which reader.
struct Wanted {
    digest: Digest,
    reader: Arc<dyn Reader>,
    /// Whether it has to be there, and what names it in that case.
    named: Option<String>,
}

/// What was read of one.
struct Read {
    digest: Digest,
    known: Known,
    children: Vec<Digest>,
    referrer: Option<(Digest, Entry)>,
}

impl Site {
    /// Gathers what these places have.
    ///
    /// # Errors
    /// A place cannot be read; a tag names a manifest that is damaged or not there; two places have the same
    /// tag for different images; a repository has no name that it could be served by; a limit was reached.
    pub async fn gather(offers: Vec<Offer>, listing: Listing) -> Fallible<Self> {
        let said: Vec<&str> = offers.iter().map(|offer| offer.said.as_str()).collect();
        let mut repositories: BTreeMap<String, Tags> = BTreeMap::new();
        let mut wanted = Vec::new();
        for (number, offer) in offers.iter().enumerate() {
            for One { name, reader, tags: its_tags } in ones(offer).await? {
                let tags = repositories.entry(name.clone()).or_default();
                for (tag, digest) in its_tags {
                    let named = Some(format!("{name}:{tag}"));
                    wanted.push(Wanted { digest: digest.clone(), reader: Arc::clone(&reader), named });
                    clash(tags.get(&tag), &digest, &name, &tag, (&said, number))?;
                    tags.insert(tag, (digest, number));
                }
            }
            wanted.extend(unnamed(offer).await?);
        }
        let (manifests, referrers) = reach(wanted).await?;
        let full: Vec<&str> = repositories.keys().map(String::as_str).collect();
        let names = Names::of(full.iter().copied());
        let listed = Names::listed(&full, listing).map_err(|why| nameless(&why))?;
        let tags =
            repositories.into_values().map(|tags| tags.into_iter().map(|(tag, (digest, _))| (tag, digest)));
        let repositories =
            listed.into_iter().zip(tags).map(|(listed, tags)| Repository { listed, tags: tags.collect() });
        Ok(Self {
            repositories: repositories.collect(),
            names,
            manifests,
            referrers,
            places: offers.into_iter().map(|offer| offer.place).collect(),
        })
    }
}

/// The manifests that a place lists under no name.
async fn unnamed(Offer { place, .. }: &Offer) -> Fallible<Vec<Wanted>> {
    let reader = place.reader(None);
    let manifests = place.listed().await?.into_iter().filter(|one: &Descriptor| one.media_type.is_manifest());
    Ok(manifests.map(|one| Wanted { digest: one.digest, reader: Arc::clone(&reader), named: None }).collect())
}

/// Everything that can be reached: one depth after the other, each manifest once.
async fn reach(mut wanted: Vec<Wanted>) -> Fallible<(HashMap<Digest, Known>, Referrers)> {
    let (mut manifests, mut referrers) = (HashMap::new(), Vec::new());
    let (mut missing, mut seen) = (0_usize, HashSet::new());
    for depth in 0.. {
        wanted.retain(|one| seen.insert(one.digest.clone()));
        if wanted.is_empty() {
            break;
        }
        if depth > INDEX_DEPTH_MAX || seen.len() > MANIFESTS_MAX {
            let message = format!(
                "indexes lie deeper than {INDEX_DEPTH_MAX} in each other, or there are more than {MANIFESTS_MAX} manifests"
            );
            let place = wanted[0].reader.repository();
            return Err(Failure::new(Code::LimitExceeded, place, Operation::ManifestGet, message));
        }
        let mut next = Vec::new();
        let mut reading = stream::iter(wanted).map(read).buffered(READS_AT_ONCE);
        while let Some(read) = reading.try_next().await? {
            let Some(Read { digest, known, children, referrer }) = read else {
                missing += 1;
                continue;
            };
            let child = |digest| Wanted { digest, reader: Arc::clone(&known.reader), named: None };
            next.extend(children.into_iter().map(child));
            referrers.extend(referrer);
            manifests.insert(digest, known);
        }
        drop(reading);
        wanted = next;
    }
    if missing > 0 {
        tracing::warn!("{missing} manifests that indexes list are not in these places: they are not served");
    }
    let referrers = Referrers::of_all(referrers).ok_or_else(|| {
        let message = format!("what speaks about images says more than {REFERRER_BYTES_MAX} bytes of itself");
        Failure::new(Code::LimitExceeded, "what is served", Operation::ReferrerList, message)
    })?;
    Ok((manifests, referrers))
}

/// Reads one manifest; none where it is not there and need not be.
async fn read(Wanted { digest, reader, named }: Wanted) -> Fallible<Option<Read>> {
    let raw = match (reader.manifest(&At::Digest(digest.clone())).await, named) {
        (Ok(Some(raw)), _) => raw,
        (Ok(None), Some(name)) => return Err(not_there(&*reader, &name)),
        (Ok(None), None) => return Ok(None),
        (Err(failure), None) if failure.code == Code::NotFound => return Ok(None),
        (Err(failure), _) => return Err(failure),
    };
    let parsed = raw.parse().unwrap_or_else(|why| {
        tracing::warn!(%digest, %why, "served as it is");
        crate::oci::Manifest::default()
    });
    let entry = parsed.subject.map(|subject| Entry::new(&raw).map(|entry| (subject.digest, entry)));
    let referrer = entry.transpose().map_err(|why| {
        Failure::new(Code::Internal, reader.repository(), Operation::ReferrerList, why.to_string())
    })?;
    let (media_type, size_bytes): (MediaType, u64) = (raw.media_type, raw.bytes.len() as u64);
    let children = parsed.manifests.into_iter().map(|child| child.digest).collect();
    let known = Known { media_type, size_bytes, reader };
    Ok(Some(Read { digest, known, children, referrer }))
}

/// Two places that have a tag have the same image under it.
fn clash(
    known: Option<&(Digest, usize)>,
    digest: &Digest,
    name: &str,
    tag: &Tag,
    (said, number): (&[&str], usize),
) -> Fallible<()> {
    let Some((other, first)) = known.filter(|(other, _)| other != digest) else { return Ok(()) };
    let message = format!("{name}:{tag} is {other} in {}, and {digest} in {}", said[*first], said[number]);
    Err(Failure::new(Code::Refused, said[number], Operation::Catalog, message)
        .hint("serve these places apart, each on its own port, or take the older one away"))
}

fn nameless(why: &NamesError) -> Box<Failure> {
    let message = match why {
        NamesError::NoPath(name) => format!("{name:.300?} is no name that a registry can serve"),
        NamesError::Same(one, other, listed) => format!("{one} and {other} would both be listed as {listed}"),
    };
    Failure::new(Code::Refused, "what is served", Operation::Catalog, message)
        .hint("list them with their registries (without --strip-registry), or serve their places apart")
}
