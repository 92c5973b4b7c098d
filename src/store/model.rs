//! Stores in memory that mind the order in which things come, and that fail as chance wants: what the laws
//! of copying are checked against. In tests only.

mod referrers;

use super::{
    Begun, BlobStream, Head, ListedReferrers, Outlook, Reach, Reader, Resumed, Sight, Subject, Upload, Writer,
};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, RawManifest, Referrer, Repository, Tag, is_of_referrers};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// All stores of a test. A clone is the same world.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<State>>);

struct State {
    repositories: BTreeMap<Repository, Contents>,
    random: fastrand::Rng,
    /// How many of a thousand requests fail.
    trouble: u32,
    /// From how many tags on they are written together.
    together: Option<usize>,
    /// How many requests changed something.
    writes: usize,
    /// How many requests wrote the tag of an image.
    tagged: usize,
    /// What must be found in a repository before a tag is written there.
    awaited: BTreeMap<(Repository, Tag), Vec<Referrer>>,
    /// What no client may do: see [`World::wrongs`].
    wrongs: Vec<String>,
}

/// What is in a repository.
#[derive(Default)]
struct Contents {
    blobs: BTreeMap<Digest, Bytes>,
    manifests: BTreeMap<Digest, RawManifest>,
    tags: BTreeMap<Tag, Digest>,
}

/// One repository of a world.
struct Room {
    world: World,
    repository: Repository,
}

/// A blob on its way into a repository.
struct Coming {
    world: World,
    repository: Repository,
    blob: Descriptor,
    bytes: Vec<u8>,
}

/// Most bytes of one piece of a blob.
const PIECE_BYTES_MAX: usize = 7;

impl World {
    /// An empty world. The same `seed` gives the same troubles.
    pub(crate) fn new(seed: u64, trouble: u32) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let together = random.bool().then_some(2);
        Self(Arc::new(Mutex::new(State {
            repositories: BTreeMap::new(),
            random,
            trouble,
            together,
            writes: 0,
            tagged: 0,
            awaited: BTreeMap::new(),
            wrongs: Vec::new(),
        })))
    }

    /// Puts a blob into a repository, and a tag with any manifest, without a request.
    pub(crate) fn seed_blob(&self, repository: &Repository, bytes: Bytes) -> Digest {
        let digest = Digest::of(&bytes);
        self.lock().contents(repository).blobs.insert(digest.clone(), bytes);
        digest
    }

    /// Puts a manifest into a repository, without a request.
    pub(crate) fn seed_manifest(&self, repository: &Repository, raw: &RawManifest, tag: Option<&Tag>) {
        let mut state = self.lock();
        let contents = state.contents(repository);
        contents.manifests.insert(raw.digest.clone(), raw.clone());
        if let Some(tag) = tag {
            contents.tags.insert(tag.clone(), raw.digest.clone());
        }
    }

    /// Nothing fails any more.
    pub(crate) fn calm(&self) {
        self.lock().trouble = 0;
    }

    /// How many requests changed something.
    pub(crate) fn writes(&self) -> usize {
        self.lock().writes
    }

    /// How many requests wrote the tag of an image.
    pub(crate) fn tagged(&self) -> usize {
        self.lock().tagged
    }

    /// What a client did that it must not: a manifest before what it reaches, bytes that are not the blob.
    pub(crate) fn wrongs(&self) -> Vec<String> {
        self.lock().wrongs.clone()
    }

    /// What a tag names, and whether all that it reaches is there.
    pub(crate) fn tag(&self, repository: &Repository, tag: &Tag) -> Option<(Digest, Vec<String>)> {
        let mut state = self.lock();
        let contents = state.contents(repository);
        let digest = contents.tags.get(tag)?.clone();
        let missing = contents.missing_below(&digest);
        Some((digest, missing))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request: it takes a moment, and may fail.
    async fn asked(&self, repository: &Repository, operation: Operation) -> Fallible<()> {
        let (moment, trouble) = {
            let mut state = self.lock();
            (state.random.u64(..40), state.is_troubled())
        };
        tokio::time::sleep(Duration::from_millis(moment)).await;
        if trouble { Err(failure(repository, operation)) } else { Ok(()) }
    }

    fn room(&self, repository: &Repository) -> Arc<Room> {
        Arc::new(Room { world: self.clone(), repository: repository.clone() })
    }
}

fn failure(repository: &Repository, operation: Operation) -> Box<Failure> {
    Failure::new(Code::Network, repository, operation, "the connection broke")
}

impl State {
    fn contents(&mut self, repository: &Repository) -> &mut Contents {
        self.repositories.entry(repository.clone()).or_default()
    }

    fn is_troubled(&mut self) -> bool {
        self.random.u32(..1000) < self.trouble
    }
}

impl Contents {
    /// What a manifest names directly, and that is not there.
    fn missing(&self, raw: &RawManifest) -> Vec<String> {
        let Ok(manifest) = raw.parse() else { return vec![format!("{} cannot be read", raw.digest)] };
        let blobs = manifest.blobs.iter().filter(|blob| !blob.stays_away());
        let blobs = blobs.map(|blob| &blob.digest).filter(|digest| !self.blobs.contains_key(*digest));
        let children = manifest.manifests.iter().map(|child| &child.digest);
        let children = children.filter(|digest| !self.manifests.contains_key(*digest));
        blobs.chain(children).map(ToString::to_string).collect()
    }

    /// What a manifest reaches, and that is not there.
    fn missing_below(&self, digest: &Digest) -> Vec<String> {
        let Some(raw) = self.manifests.get(digest) else { return vec![digest.to_string()] };
        let mut missing = self.missing(raw);
        for child in raw.parse().map(|manifest| manifest.manifests).unwrap_or_default() {
            missing.extend(self.missing_below(&child.digest));
        }
        missing
    }
}

#[async_trait]
impl Reader for Room {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        self.world.asked(&self.repository, Operation::TagList).await?;
        Ok(self.world.lock().repositories.get(&self.repository).map(|all| all.tags.keys().cloned().collect()))
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        let found = self.manifest(at).await?;
        Ok(found.map(|RawManifest { digest, media_type, .. }| Head { digest, media_type, size_bytes: None }))
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        self.world.asked(&self.repository, Operation::ManifestGet).await?;
        let mut state = self.world.lock();
        let contents = state.contents(&self.repository);
        let digest = match at {
            At::Tag(tag) => contents.tags.get(tag).cloned(),
            At::Digest(digest) => Some(digest.clone()),
        };
        Ok(digest.and_then(|digest| contents.manifests.get(&digest).cloned()))
    }

    async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        self.world.asked(&self.repository, Operation::ManifestGet).await?;
        let mut state = self.world.lock();
        let list = state.contents(&self.repository).listed(&self.repository, subject);
        Ok(ListedReferrers { list, requests: 1 })
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        self.world.asked(&self.repository, Operation::BlobGet).await?;
        let mut state = self.world.lock();
        let bytes = state.contents(&self.repository).blobs.get(&blob.digest).cloned();
        let mut rest = bytes.ok_or_else(|| failure(&self.repository, Operation::BlobGet))?;
        drop(rest.split_to(usize::try_from(start).unwrap_or(usize::MAX).min(rest.len())));
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let length = state.random.usize(1..=PIECE_BYTES_MAX).min(rest.len());
            let mut piece = rest.split_to(length);
            if state.is_troubled() && state.is_troubled() {
                // Rarely, and never noticed by whoever sends it.
                piece = piece.iter().map(|byte| byte ^ 1).collect();
            }
            pieces.push(Ok(piece));
            if state.is_troubled() {
                pieces.push(Err(failure(&self.repository, Operation::BlobGet)));
                break;
            }
        }
        Ok(stream::iter(pieces).boxed())
    }
}

#[async_trait]
impl Writer for Room {
    async fn begin(&self, blob: &Descriptor, elsewhere: Option<&Repository>) -> Fallible<Begun> {
        self.world.asked(&self.repository, Operation::UploadStart).await?;
        let mut state = self.world.lock();
        if state.contents(&self.repository).blobs.contains_key(&blob.digest) {
            return Ok(Begun::Present);
        }
        if let Some(elsewhere) = elsewhere {
            let there = state.contents(elsewhere).blobs.get(&blob.digest).cloned();
            match there {
                Some(bytes) if state.random.bool() => {
                    state.writes += 1;
                    state.contents(&self.repository).blobs.insert(blob.digest.clone(), bytes);
                    return Ok(Begun::Mounted);
                }
                Some(_) => {}
                None => state.wrongs.push(format!("{elsewhere} does not hold {}", blob.digest)),
            }
        }
        let (world, repository) = (self.world.clone(), self.repository.clone());
        Ok(Begun::Upload(Box::new(Coming { world, repository, blob: blob.clone(), bytes: Vec::new() })))
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        self.world.asked(&self.repository, Operation::UploadStart).await?;
        let (world, repository) = (self.world.clone(), self.repository.clone());
        Ok(Begun::Upload(Box::new(Coming { world, repository, blob: blob.clone(), bytes: Vec::new() })))
    }

    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<Subject> {
        self.world.asked(&self.repository, Operation::ManifestPut).await?;
        let mut state = self.world.lock();
        let missing = state.contents(&self.repository).missing(manifest);
        if !missing.is_empty() {
            state.wrongs.push(format!("{at} of {} came before {missing:?}", self.repository));
        }
        let wrong = state.wrong_order(&self.repository, at, manifest);
        state.wrongs.extend(wrong);
        state.writes += 1;
        state.tagged += usize::from(matches!(at, At::Tag(tag) if !is_of_referrers(tag)));
        let contents = state.contents(&self.repository);
        contents.manifests.insert(manifest.digest.clone(), manifest.clone());
        if let At::Tag(tag) = at {
            contents.tags.insert(tag.clone(), manifest.digest.clone());
        }
        // It is there, and the answer is lost.
        match state.is_troubled() {
            true => Err(failure(&self.repository, Operation::ManifestPut)),
            false => Ok(Contents::told(&self.repository, manifest)),
        }
    }

    fn tags_together(&self) -> Option<usize> {
        self.world.lock().together
    }

    async fn put_tagged(&self, tags: &[Tag], manifest: &RawManifest) -> Fallible<Vec<Tag>> {
        self.world.asked(&self.repository, Operation::ManifestPut).await?;
        let mut state = self.world.lock();
        let missing = state.contents(&self.repository).missing(manifest);
        if !missing.is_empty() {
            state.wrongs.push(format!("tags of {} came before {missing:?}", self.repository));
        }
        state.writes += 1;
        // Not all of them, and not all of those are told.
        let written: Vec<Tag> = tags.iter().filter(|_| state.random.u8(..4) > 0).cloned().collect();
        let contents = state.contents(&self.repository);
        contents.manifests.insert(manifest.digest.clone(), manifest.clone());
        for tag in &written {
            contents.tags.insert(tag.clone(), manifest.digest.clone());
        }
        match state.is_troubled() {
            true => Err(failure(&self.repository, Operation::ManifestPut)),
            false => Ok(written.into_iter().filter(|_| state.random.u8(..4) > 0).collect()),
        }
    }
}

#[async_trait]
impl Upload for Coming {
    async fn open(&mut self) -> Fallible<()> {
        self.world.asked(&self.repository, Operation::UploadStart).await
    }

    async fn write(&mut self, piece: Bytes) -> Fallible<()> {
        let mut state = self.world.lock();
        if state.is_troubled() {
            // A part of it arrived.
            let arrived = state.random.usize(..=piece.len());
            self.bytes.extend_from_slice(&piece[..arrived]);
            return Err(failure(&self.repository, Operation::BlobPut));
        }
        self.bytes.extend_from_slice(&piece);
        Ok(())
    }

    async fn commit(&mut self) -> Fallible<()> {
        self.world.asked(&self.repository, Operation::BlobPut).await?;
        let mut state = self.world.lock();
        if !self.blob.digest.matches(&self.bytes) {
            state.wrongs.push(format!("{} is not {:?}", self.blob.digest, self.bytes));
        }
        state.writes += 1;
        let bytes = Bytes::from(self.bytes.clone());
        state.contents(&self.repository).blobs.insert(self.blob.digest.clone(), bytes);
        if state.is_troubled() { Err(failure(&self.repository, Operation::BlobPut)) } else { Ok(()) }
    }

    fn outlook(&self) -> Outlook {
        Outlook::Later { kept_bytes: self.bytes.len() as u64 }
    }

    async fn resume(&mut self) -> Fallible<Resumed> {
        self.world.asked(&self.repository, Operation::UploadStart).await?;
        let mut state = self.world.lock();
        if state.contents(&self.repository).blobs.contains_key(&self.blob.digest) {
            return Ok(Resumed::Present);
        }
        if state.random.u8(..4) == 0 {
            return Ok(Resumed::Lost);
        }
        // It forgot some of what it took.
        let kept = state.random.usize(..=self.bytes.len());
        self.bytes.truncate(kept);
        Ok(Resumed::At(kept as u64))
    }
}

#[async_trait]
impl Reach for World {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        Ok(self.room(repository))
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Writer>> {
        Ok(self.room(repository))
    }
}

#[async_trait]
impl Sight for World {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        Ok(self.room(repository))
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        Ok(self.room(repository))
    }
}
