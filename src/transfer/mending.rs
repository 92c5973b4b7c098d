//! Mending: what is done when a target refuses a manifest because it misses what the manifest reaches,
//! although it got that or said that it had it. Its garbage collection may have come between, one of its
//! replicas may lag behind, or it shows content that it has lost.

use super::Shared;
use super::manifests::Fetched;
use super::recipient::Recipient;
use crate::failure::{Code, Failure, Fallible, Side};
use crate::oci::{At, Descriptor, Digest};
use crate::store::{Condition, Depth, Writer};
use futures::future::{BoxFuture, FutureExt as _, join};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::HashSet;
use std::time::Duration;

/// How long what was written may take to be seen by all of a registry.
pub(super) const SETTLING: Duration = Duration::from_secs(1);
/// How often content is brought again for one manifest: what vanishes each time is not for us to mend.
const ROUNDS_MAX: u32 = 3;
/// About an index of which parts were left out on purpose.
const SPARSE_HINT: &str =
    "the target takes no index that lists what is not there: write `index: rewrite` in the rule";
/// About an image with layers that stay where they are.
const AWAY_HINT: &str = "the image has layers that may not be distributed, and the target may take none by \
    reference: allow their URLs there (docker-registry: `validation.manifests.urls`)";
/// Parts of one manifest that are looked at once.
const LOOKS_AT_ONCE: usize = 16;

impl Shared {
    /// Writes the manifest by `put`. Where the target misses what it reaches, that is brought again: at
    /// first the target is only given time, then it is not believed any more.
    pub(super) async fn put_or_mend<'a, T>(
        &self,
        recipient: &Recipient,
        writer: &dyn Writer,
        fetched: &Fetched<'_>,
        put: impl Fn() -> BoxFuture<'a, Fallible<T>>,
    ) -> Fallible<T> {
        let mut refused = match put().await {
            Err(failure) if failure.code == Code::ContentUnknown => failure,
            Err(failure) if fetched.manifest.blobs.iter().any(Descriptor::stays_away) => {
                return Err(with_away_hint(failure));
            }
            put => return put,
        };
        let is_sparse = |child: &Descriptor| fetched.source.leaves_out(&child.digest);
        if fetched.manifest.manifests.iter().any(is_sparse) {
            let refused = Failure { code: Code::UnsupportedManifest, ..*refused };
            return Err(Box::new(refused).hint(SPARSE_HINT));
        }
        tracing::debug!(%refused, "the target misses what the manifest reaches: waiting");
        self.stop.or(tokio::time::sleep(SETTLING)).await?;
        for round in 0..=ROUNDS_MAX {
            if round > 0 {
                tracing::debug!(round, %refused, "bringing again what the target misses");
                self.mend(recipient, writer, fetched, &refused.named).await?;
            }
            if let Some(failure) = recipient.failure() {
                return Err(Box::new(failure.clone()));
            }
            match put().await {
                Err(failure) if failure.code == Code::ContentUnknown => refused = failure,
                put => return put,
            }
        }
        Err(refused)
    }

    /// Brings again what the target named, and what it says that it does not have.
    async fn mend(
        &self,
        recipient: &Recipient,
        writer: &dyn Writer,
        fetched: &Fetched<'_>,
        named: &[Digest],
    ) -> Fallible<()> {
        let manifest = fetched.manifest;
        let blobs: Vec<&Descriptor> = manifest.blobs.iter().filter(|blob| !blob.stays_away()).collect();
        let mut looks: Vec<BoxFuture<'_, Fallible<Option<&Digest>>>> = Vec::new();
        for blob in blobs.iter().filter(|blob| !named.contains(&blob.digest)) {
            looks.push(absent_blob(writer, blob).boxed());
        }
        for child in manifest.manifests.iter().filter(|child| !named.contains(&child.digest)) {
            looks.push(absent_manifest(writer, &child.digest).boxed());
        }
        let looks = stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
        let absent: Vec<Option<&Digest>> =
            self.stop.or(looks.try_collect()).await?.map_err(|failure| failure.on(Side::Target))?;
        let absent: HashSet<&Digest> = absent.into_iter().flatten().collect();
        let children = manifest.manifests.iter().map(|child| &child.digest);
        let reached: Vec<&Digest> = blobs.iter().map(|blob| &blob.digest).chain(children).collect();
        let doubted = doubted(&reached, named, &absent);
        let repository = recipient.repository();
        for digest in doubted {
            self.blobs.doubt(recipient.blob_key(digest), repository);
            self.manifests.forget(&(repository.clone(), digest.clone()), repository);
        }
        let needy = [recipient];
        let children = self.settle_children(fetched.source, manifest, fetched.wanted, &needy);
        join(children, self.settle_blobs(fetched.source, &manifest.blobs, &needy)).await;
        Ok(())
    }
}

/// A refusal that may be one of the layers which stay away; docker-registry says that it had an error.
fn with_away_hint(failure: Box<Failure>) -> Box<Failure> {
    match failure.code {
        Code::ServerError | Code::UnsupportedManifest | Code::Protocol => failure.hint(AWAY_HINT),
        _ => failure,
    }
}

async fn absent_blob<'a>(writer: &dyn Writer, blob: &'a Descriptor) -> Fallible<Option<&'a Digest>> {
    Ok(match writer.look_at(blob, Depth::Word).await? {
        Condition::Sound => None,
        Condition::Absent | Condition::Damaged(_) => Some(&blob.digest),
    })
}

async fn absent_manifest<'a>(writer: &dyn Writer, digest: &'a Digest) -> Fallible<Option<&'a Digest>> {
    let found = writer.head(&At::Digest(digest.clone())).await?;
    Ok(found.is_none().then_some(digest))
}

/// What of the content that a refused manifest reaches is brought again, whatever the target says: what
/// it named, and what is absent. Where it named nothing and shows all, nothing that it shows is believed.
fn doubted<'a>(reached: &[&'a Digest], named: &[Digest], absent: &HashSet<&Digest>) -> Vec<&'a Digest> {
    let is_doubted = |digest: &&&Digest| named.contains(digest) || absent.contains(*digest);
    let doubted: Vec<&Digest> = reached.iter().filter(is_doubted).copied().collect();
    if doubted.is_empty() { reached.to_vec() } else { doubted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_named_or_is_absent_is_brought_again_and_otherwise_all() {
        let digests = ["a", "b", "c", "elsewhere"].map(|seed| Digest::of(seed.as_bytes()));
        let [a, b, c, elsewhere] = &digests;
        let reached = [a, b, c];
        let again = |named: &[&Digest], absent: &[&Digest]| {
            let named: Vec<Digest> = named.iter().map(|digest| (*digest).clone()).collect();
            doubted(&reached, &named, &absent.iter().copied().collect())
        };
        assert_eq!(again(&[b], &[]), [b], "named, although it is shown");
        assert_eq!(again(&[b], &[a]), [a, b], "some name only the first that they miss");
        assert_eq!(again(&[], &[c]), [c]);
        assert_eq!(again(&[], &[]), [a, b, c], "nobody knows which");
        assert_eq!(again(&[elsewhere], &[]), [a, b, c], "what the manifest does not reach is no help");
    }
}
