//! Examining: whether what target tags name is whole there, down to the bytes. HEAD tells what a target
//! believes that it has; here each manifest is fetched and hashed, and a byte of each blob has to come.
//! Reads only.

mod findings;

pub use findings::damaged;

use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{At, Descriptor, Digest, Manifest, MediaType, RawManifest, Reference, Repository};
use crate::outcome::{Content, Findings, Loss};
use crate::store::{Condition, Depth, INDEX_DEPTH_MAX, Reader, Sight};
use findings::{Told, and, broken, together};
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Parts of one manifest that are looked at at once.
const PARTS_AT_ONCE: usize = 16;
/// Pieces of all images of a run that are told one by one: some hundred megabytes, and more than the
/// mirrors of a whole company have.
const TOLD_MAX: usize = 1_000_000;

/// Content in one repository.
type Place = (Repository, Digest);

/// A look at one part of a manifest.
type Look<'a> = BoxFuture<'a, Fallible<(Content, Arc<Findings>)>>;

/// What was looked at so far: in each repository, everything once.
pub struct Examiner {
    depth: Depth,
    told: Told,
    count: AtomicUsize,
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

/// What a target tag names, and in what condition that is which it shall name.
#[derive(Debug)]
pub struct Compared {
    /// What it names; none where it is not there.
    pub named: Option<Digest>,
    /// Everything that the image reaches, whether it is there and what is broken of it.
    pub findings: Arc<Findings>,
}

/// Where is looked, and where what is not there can be read.
#[derive(Clone, Copy)]
struct Eyes<'a> {
    reader: &'a dyn Reader,
    /// Who has the image as it shall be: knows what is left out of it, and what lies below a manifest that
    /// the target does not have.
    guide: Option<&'a dyn Reader>,
}

impl Default for Examiner {
    /// For what is broken, which has to give its first byte.
    fn default() -> Self {
        Self::new(Depth::Bytes, Told::Damages)
    }
}

impl Examiner {
    /// For everything that images reach, each blob looked at as closely as this.
    pub fn of_everything(depth: Depth) -> Self {
        Self::new(depth, Told::Everything)
    }

    fn new(depth: Depth, told: Told) -> Self {
        Self { depth, told, count: AtomicUsize::new(0), known: Mutex::default() }
    }

    /// Looks at all that a target tag reaches. `shown` is what it was seen to name, and `guide` a source
    /// that leaves some of the image out.
    ///
    /// # Errors
    /// That cannot be told: the target does not answer, or does not let us read.
    pub async fn examine(
        &self,
        target: &Reference,
        shown: Option<&Digest>,
        guide: Option<&dyn Reader>,
        sight: &dyn Sight,
    ) -> Fallible<Examined> {
        let at = match (&target.tag, shown) {
            (Some(tag), _) => At::Tag(tag.clone()),
            (None, Some(digest)) => At::Digest(digest.clone()),
            (None, None) => return Err(nothing(target)),
        };
        let examining = async {
            let reader = sight.target(&target.repository).await?;
            let eyes = Eyes { reader: &*reader, guide };
            match fetched(eyes.reader, &at).await? {
                Ok(raw) => {
                    let findings = self.root(eyes, &raw).await?;
                    Ok(Examined { root: raw.digest, media_type: Some(raw.media_type), findings })
                }
                Err((loss, why)) => {
                    let Some(root) = shown.cloned() else { return Err(nothing(target)) };
                    let findings = Arc::new(broken(Content::Manifest(root.clone()), loss, why));
                    Ok(Examined { root, media_type: None, findings })
                }
            }
        };
        examining.await.map_err(|failure: Box<Failure>| failure.on(Side::Target))
    }

    /// Compares a target tag, and all that it shall reach, with what it shall name: `expected`, which
    /// `guide` has. `shown` is what it was seen to name.
    ///
    /// # Errors
    /// The target or, for what the target does not have, the source does not answer or let us read.
    pub async fn compare(
        &self,
        target: &Reference,
        shown: Option<&Digest>,
        expected: &Digest,
        guide: &dyn Reader,
        sight: &dyn Sight,
    ) -> Fallible<Compared> {
        let comparing = async {
            let reader = sight.target(&target.repository).await?;
            let eyes = Eyes { reader: &*reader, guide: Some(guide) };
            let found = match &target.tag {
                Some(tag) => fetched(eyes.reader, &At::Tag(tag.clone())).await?,
                None => Err((Loss::Absent, String::new())),
            };
            let named = match &found {
                Ok(raw) => Some(raw.digest.clone()),
                Err((Loss::Absent, _)) => None,
                Err((Loss::Broken, _)) => shown.cloned(),
            };
            let findings = match found {
                Ok(raw) if raw.digest == *expected => self.root(eyes, &raw).await?,
                Ok(_) | Err(_) => self.manifest(eyes, expected, 0).await?,
            };
            Ok(Compared { named, findings })
        };
        comparing.await.map_err(|failure: Box<Failure>| failure.on(Side::Target))
    }

    /// Looks at a manifest that speaks about an image, and at all that it reaches.
    ///
    /// # Errors
    /// As for [`Self::compare`].
    pub async fn beside(
        &self,
        target: &Repository,
        referrer: &Digest,
        guide: &dyn Reader,
        sight: &dyn Sight,
    ) -> Fallible<Arc<Findings>> {
        let looking = async {
            let reader = sight.target(target).await?;
            self.manifest(Eyes { reader: &*reader, guide: Some(guide) }, referrer, 0).await
        };
        looking.await.map_err(|failure: Box<Failure>| failure.on(Side::Target))
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

    /// Looks at what a root reaches that was fetched.
    async fn root(&self, eyes: Eyes<'_>, raw: &RawManifest) -> Fallible<Arc<Findings>> {
        let cell = self.cell(eyes.reader.repository(), &raw.digest);
        cell.get_or_try_init(|| self.below(eyes, raw, 0)).await.cloned()
    }

    fn manifest<'a>(
        &'a self,
        eyes: Eyes<'a>,
        digest: &'a Digest,
        depth: u32,
    ) -> BoxFuture<'a, Fallible<Arc<Findings>>> {
        let look = move || async move {
            match fetched(eyes.reader, &At::Digest(digest.clone())).await? {
                Ok(raw) => self.below(eyes, &raw, depth).await,
                Err((loss, why)) => {
                    let lost = broken(Content::Manifest(digest.clone()), loss, why);
                    let Some(guide) = eyes.guide else { return Ok(Arc::new(lost)) };
                    let raw = of_source(guide, digest).await?;
                    let below = self.below(eyes, &raw, depth).await?;
                    Ok(Arc::new(and(&below, lost, digest)))
                }
            }
        };
        async move {
            let cell = self.cell(eyes.reader.repository(), digest);
            cell.get_or_try_init(look).await.cloned()
        }
        .boxed()
    }

    async fn blob(&self, reader: &dyn Reader, blob: &Descriptor) -> Fallible<Arc<Findings>> {
        let look = || async move {
            let mut condition = reader.look_at(blob, self.depth).await?;
            // Whoever knows no HEAD may have it all the same.
            if self.depth == Depth::Word && condition == Condition::Absent {
                condition = reader.look_at(blob, Depth::Bytes).await?;
            }
            let content = Content::Blob(blob.digest.clone());
            Ok(Arc::new(match condition {
                Condition::Sound => Findings::default(),
                Condition::Absent => broken(content, Loss::Absent, "it is not there".to_owned()),
                Condition::Damaged(why) => broken(content, Loss::Broken, why),
            }))
        };
        let cell = self.cell(reader.repository(), &blob.digest);
        cell.get_or_try_init(look).await.cloned()
    }

    /// Looks at all that a manifest reaches, which itself is as it must be.
    async fn below(&self, eyes: Eyes<'_>, raw: &RawManifest, depth: u32) -> Fallible<Arc<Findings>> {
        let refuse = |why: String| {
            Failure::new(Code::LimitExceeded, eyes.reader.repository(), Operation::ManifestGet, why)
        };
        if depth > INDEX_DEPTH_MAX {
            return Err(refuse(format!("indexes are nested more than {INDEX_DEPTH_MAX} deep")));
        }
        let Manifest { manifests, blobs, .. } = match raw.parse() {
            Ok(manifest) => manifest,
            Err(why) => {
                let content = Content::Manifest(raw.digest.clone());
                return Ok(Arc::new(broken(content, Loss::Broken, why.to_string())));
            }
        };
        let leaves_out = |child: &Descriptor| eyes.guide.is_some_and(|guide| guide.leaves_out(&child.digest));
        let mut seen = HashSet::new();
        let mut looks: Vec<Look<'_>> = Vec::new();
        let children = manifests.iter().filter(|child| !leaves_out(child));
        for child in children.filter(|child| seen.insert(&child.digest)) {
            let content = Content::Manifest(child.digest.clone());
            let look = self.manifest(eyes, &child.digest, depth + 1);
            looks.push(look.map(|found| Ok((content, found?))).boxed());
        }
        for blob in blobs.iter().filter(|blob| !blob.stays_away() && seen.insert(&blob.digest)) {
            let content = Content::Blob(blob.digest.clone());
            looks.push(self.blob(eyes.reader, blob).map(|found| Ok((content, found?))).boxed());
        }
        if self.told == Told::Everything
            && self.count.fetch_add(looks.len(), Ordering::Relaxed) + looks.len() > TOLD_MAX
        {
            return Err(refuse(format!("the images of this run reach more than {TOLD_MAX} pieces"))
                .hint("take fewer rules at once, by `--only`"));
        }
        let parts: Vec<_> = stream::iter(looks).buffer_unordered(PARTS_AT_ONCE).try_collect().await?;
        Ok(Arc::new(together(&raw.digest, parts, self.told)))
    }
}

/// A manifest whose bytes have their digest, or how there is none.
async fn fetched(reader: &dyn Reader, at: &At) -> Fallible<Result<RawManifest, (Loss, String)>> {
    match reader.manifest(at).await {
        Ok(Some(raw)) => Ok(Ok(raw)),
        Ok(None) => Ok(Err((Loss::Absent, "it is not there".to_owned()))),
        Err(failure) if failure.code == Code::NotFound => Ok(Err((Loss::Absent, failure.message))),
        Err(failure) if matches!(failure.code, Code::Corrupt | Code::Protocol) => {
            Ok(Err((Loss::Broken, failure.message)))
        }
        Err(failure) => Err(failure),
    }
}

/// What a target does not have, from where it comes.
async fn of_source(guide: &dyn Reader, digest: &Digest) -> Fallible<RawManifest> {
    let read = async {
        let found = guide.manifest(&At::Digest(digest.clone())).await?;
        found.ok_or_else(|| {
            let why = format!("the manifest {digest} is at neither end: what lies below it cannot be told");
            Failure::new(Code::NotFound, guide.repository(), Operation::ManifestGet, why)
        })
    };
    read.await.map_err(|failure: Box<Failure>| failure.on(Side::Source))
}

fn nothing(target: &Reference) -> Box<Failure> {
    let why = format!("{target} is not there (any more)");
    Failure::new(Code::Damaged, &target.repository, Operation::ManifestGet, why)
}
