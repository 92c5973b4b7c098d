//! Examining: whether what target tags name is whole there, down to the bytes. HEAD tells what a target
//! believes that it has; here each manifest is fetched and hashed, and a byte of each blob has to come.
//! Reads only.

use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::form::{Entries, Form, IndexMode};
use crate::oci::{At, Descriptor, Digest, Manifest, MediaType, RawManifest, Reference, Repository};
use crate::outcome::{Content, Damage, Findings};
use crate::store::{Condition, Depth, INDEX_DEPTH_MAX, Reader, Sight};
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Parts of one manifest that are looked at at once.
const PARTS_AT_ONCE: usize = 16;
/// Damages that are told in one message.
const DAMAGES_TOLD_MAX: usize = 3;

/// Content in one repository.
type Place = (Repository, Digest);

/// A look at one part of a manifest.
type Look<'a> = BoxFuture<'a, Fallible<(Content, Arc<Findings>)>>;

/// What was looked at so far: in each repository, everything once.
#[derive(Default)]
pub struct Examiner {
    known: Mutex<HashMap<Place, Arc<OnceCell<Arc<Findings>>>>>,
}

/// What a target tag names, and in what condition that is.
#[derive(Debug)]
pub struct Examined {
    /// What it names.
    pub root: Digest,
    /// What that is; none where it cannot be read.
    pub media_type: Option<MediaType>,
    /// What is broken of it.
    pub findings: Arc<Findings>,
}

impl Examiner {
    /// Looks at all that a target tag reaches. `shown` is what it was seen to name, and `form` that in which
    /// it was mirrored, where it is another than the source has.
    ///
    /// # Errors
    /// That cannot be told: the target does not answer, or does not let us read.
    pub async fn examine(
        &self,
        target: &Reference,
        shown: Option<&Digest>,
        form: Option<&Form>,
        sight: &dyn Sight,
    ) -> Fallible<Examined> {
        let at = match (&target.tag, shown) {
            (Some(tag), _) => At::Tag(tag.clone()),
            (None, Some(digest)) => At::Digest(digest.clone()),
            (None, None) => return Err(nothing(target)),
        };
        let examining = async {
            let reader = sight.target(&target.repository).await?;
            match fetched(&*reader, &at).await? {
                Ok(raw) => {
                    let (root, media_type) = (raw.digest.clone(), Some(raw.media_type.clone()));
                    let cell = self.cell(&target.repository, &root);
                    let left_out = form.map(|form| left_out(&raw, form)).unwrap_or_default();
                    let look = || self.below(&*reader, &raw, 0, &left_out);
                    let findings = cell.get_or_try_init(look).await?.clone();
                    Ok(Examined { root, media_type, findings })
                }
                Err(why) => {
                    let Some(root) = shown.cloned() else { return Err(nothing(target)) };
                    let findings = Arc::new(broken(Content::Manifest(root.clone()), why));
                    Ok(Examined { root, media_type: None, findings })
                }
            }
        };
        examining.await.map_err(|failure: Box<Failure>| failure.on(Side::Target))
    }

    /// Forgets what was found of an image that was not whole: the next look is a new one.
    pub fn forget(&self, repository: &Repository, findings: &Findings) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let damaged = findings.damages.iter().map(|damage| damage.content.digest());
        for digest in damaged.chain(&findings.torn) {
            known.remove(&(repository.clone(), digest.clone()));
        }
    }

    fn cell(&self, repository: &Repository, digest: &Digest) -> Arc<OnceCell<Arc<Findings>>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((repository.clone(), digest.clone())).or_default().clone()
    }

    fn manifest<'a>(
        &'a self,
        reader: &'a dyn Reader,
        digest: &'a Digest,
        depth: u32,
    ) -> BoxFuture<'a, Fallible<Arc<Findings>>> {
        let look = move || async move {
            match fetched(reader, &At::Digest(digest.clone())).await? {
                Ok(raw) => self.below(reader, &raw, depth, &BTreeSet::new()).await,
                Err(why) => Ok(Arc::new(broken(Content::Manifest(digest.clone()), why))),
            }
        };
        async move {
            let cell = self.cell(reader.repository(), digest);
            cell.get_or_try_init(look).await.cloned()
        }
        .boxed()
    }

    async fn blob(&self, reader: &dyn Reader, blob: &Descriptor) -> Fallible<Arc<Findings>> {
        let look = || async move {
            let content = Content::Blob(blob.digest.clone());
            Ok(Arc::new(match reader.look_at(blob, Depth::Bytes).await? {
                Condition::Sound => Findings::default(),
                Condition::Absent => broken(content, "it is not there".to_owned()),
                Condition::Damaged(why) => broken(content, why),
            }))
        };
        let cell = self.cell(reader.repository(), &blob.digest);
        cell.get_or_try_init(look).await.cloned()
    }

    /// Looks at all that a manifest reaches, which itself is as it must be, but for what was `left_out`.
    async fn below(
        &self,
        reader: &dyn Reader,
        raw: &RawManifest,
        depth: u32,
        left_out: &BTreeSet<Digest>,
    ) -> Fallible<Arc<Findings>> {
        if depth > INDEX_DEPTH_MAX {
            let why = format!("indexes are nested more than {INDEX_DEPTH_MAX} deep");
            return Err(Failure::new(Code::LimitExceeded, reader.repository(), Operation::ManifestGet, why));
        }
        let Manifest { manifests, blobs, .. } = match raw.parse() {
            Ok(manifest) => manifest,
            Err(why) => return Ok(Arc::new(broken(Content::Manifest(raw.digest.clone()), why.to_string()))),
        };
        let mut seen = HashSet::new();
        let mut looks: Vec<Look<'_>> = Vec::new();
        let children = manifests.iter().filter(|child| !left_out.contains(&child.digest));
        for child in children.filter(|child| seen.insert(&child.digest)) {
            let content = Content::Manifest(child.digest.clone());
            let look = self.manifest(reader, &child.digest, depth + 1);
            looks.push(look.map(|found| Ok((content, found?))).boxed());
        }
        for blob in blobs.iter().filter(|blob| !blob.stays_away() && seen.insert(&blob.digest)) {
            let content = Content::Blob(blob.digest.clone());
            looks.push(self.blob(reader, blob).map(|found| Ok((content, found?))).boxed());
        }
        let parts: Vec<_> = stream::iter(looks).buffer_unordered(PARTS_AT_ONCE).try_collect().await?;
        Ok(Arc::new(together(&raw.digest, parts)))
    }
}

/// What a sparse index lists and was never meant to be there.
fn left_out(raw: &RawManifest, form: &Form) -> BTreeSet<Digest> {
    match form.index {
        IndexMode::Sparse => Entries::choose(raw, &form.platforms).map(|entries| entries.left_out()),
        IndexMode::Rewrite | IndexMode::Single => Ok(BTreeSet::new()),
    }
    .unwrap_or_default()
}

/// What the parts of a manifest amount to.
fn together(manifest: &Digest, parts: Vec<(Content, Arc<Findings>)>) -> Findings {
    if parts.iter().all(|(_, found)| found.damages.is_empty()) {
        return Findings::default();
    }
    let (mut damages, mut sound) = (BTreeSet::new(), BTreeSet::new());
    let mut torn = BTreeSet::from([manifest.clone()]);
    for (content, found) in parts {
        if found.damages.is_empty() {
            sound.insert(content);
        }
        damages.extend(found.damages.iter().cloned());
        sound.extend(found.sound.iter().cloned());
        torn.extend(found.torn.iter().cloned());
    }
    let (damages, sound) = (damages.into_iter().collect(), sound.into_iter().collect());
    Findings { damages, sound, torn: torn.into_iter().collect() }
}

fn broken(content: Content, why: String) -> Findings {
    Findings { damages: vec![Damage { content, why }], ..Findings::default() }
}

/// A manifest whose bytes have their digest, or why there is none.
async fn fetched(reader: &dyn Reader, at: &At) -> Fallible<Result<RawManifest, String>> {
    match reader.manifest(at).await {
        Ok(Some(raw)) => Ok(Ok(raw)),
        Ok(None) => Ok(Err("it is not there".to_owned())),
        Err(failure) if matches!(failure.code, Code::Corrupt | Code::NotFound | Code::Protocol) => {
            Ok(Err(failure.message))
        }
        Err(failure) => Err(failure),
    }
}

fn nothing(target: &Reference) -> Box<Failure> {
    let why = format!("{target} is not there (any more)");
    Failure::new(Code::Damaged, &target.repository, Operation::ManifestGet, why)
}

/// What is wrong at a target, as a failure.
pub fn damaged(target: &Reference, findings: &Findings) -> Box<Failure> {
    let count = findings.damages.len();
    let told = findings.damages.iter().take(DAMAGES_TOLD_MAX).map(|Damage { content, why }| match content {
        Content::Manifest(digest) => format!("manifest {digest}: {why}"),
        Content::Blob(digest) => format!("blob {digest}: {why}"),
    });
    let mut message = told.collect::<Vec<_>>().join("; ");
    if count > DAMAGES_TOLD_MAX {
        message.push_str(&format!("; and {} more", count - DAMAGES_TOLD_MAX));
    }
    let mut failure = Failure::new(Code::Damaged, &target.repository, Operation::Compare, message)
        .on(Side::Target)
        .hint("`crossdock sync --repair` brings again what is broken");
    failure.named = findings.damages.iter().map(|damage| damage.content.digest().clone()).collect();
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(seed: &str) -> Digest {
        Digest::of(seed.as_bytes())
    }

    #[test]
    fn what_is_whole_below_something_broken_is_told_apart() {
        let [root, child, sibling] = ["root", "child", "sibling"].map(digest);
        let blob = |seed: &str| Content::Blob(digest(seed));
        let whole = || Arc::new(Findings::default());
        let lost = Arc::new(broken(blob("lost"), "gone".to_owned()));
        let of_child = together(&child, vec![(blob("kept"), whole()), (blob("lost"), lost)]);
        assert_eq!((of_child.damages.len(), &of_child.sound), (1, &vec![blob("kept")]));
        let parts = vec![
            (Content::Manifest(child.clone()), Arc::new(of_child)),
            (Content::Manifest(sibling.clone()), whole()),
        ];
        let of_root = together(&root, parts);
        let torn: BTreeSet<_> = of_root.torn.iter().collect();
        assert_eq!(torn, BTreeSet::from([&root, &child]));
        assert!(of_root.sound.contains(&Content::Manifest(sibling)) && of_root.sound.contains(&blob("kept")));
        assert_eq!(together(&root, vec![(blob("kept"), whole())]), Findings::default());
    }

    #[test]
    fn many_damages_are_told_in_few_words() {
        let damages = ["a", "b", "c", "d"]
            .map(|seed| Damage { content: Content::Blob(digest(seed)), why: "gone".to_owned() });
        let findings = Findings { damages: damages.to_vec(), ..Findings::default() };
        let failure = damaged(&"r.test/a:1".parse().expect("a reference"), &findings);
        assert_eq!((failure.code, failure.named.len()), (Code::Damaged, 4));
        assert!(failure.message.ends_with("; and 1 more"), "{}", failure.message);
    }
}
