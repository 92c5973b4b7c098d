//! A component out of a registry: its manifest, and the bytes of its layer, hashed while they come.

use super::{LoadError, artifact};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, RawManifest, Reference};
use crate::store::{Download, Reader};
use futures::StreamExt as _;
use std::sync::Arc;

/// The artifact of a filter, before its layer is fetched.
pub(super) struct Found {
    reader: Arc<dyn Reader>,
    /// The digest of its manifest.
    pub(super) manifest: Digest,
    /// The component.
    pub(super) layer: Descriptor,
}

/// Gets the manifest that `at` names in the repository of `reference`, and finds the component in it.
pub(super) async fn find(
    name: &str,
    reference: &Reference,
    at: &At,
    stores: &dyn Download,
) -> Result<Found, LoadError> {
    let manifest = async {
        let reader = stores.source(&reference.repository).await?;
        let manifest = reader.manifest(at).await?;
        let absent = || {
            let repository = &reference.repository;
            Failure::new(
                Code::NotFound,
                repository,
                Operation::ManifestGet,
                format!("there is no manifest {at}"),
            )
            .hint("push the filter first, or correct the reference")
        };
        Ok((reader, manifest.ok_or_else(absent)?))
    };
    let (reader, raw): (_, RawManifest) =
        manifest.await.map_err(|failure| LoadError::store(name, failure))?;
    let layer = artifact::layer(name, &reference.to_string(), &raw)?;
    Ok(Found { reader, manifest: raw.digest, layer })
}

impl Found {
    /// Fetches the layer; every byte was hashed.
    pub(super) async fn bytes(&self, name: &str) -> Result<Vec<u8>, LoadError> {
        let whole = async { self.whole(self.reader.blob(&self.layer, 0).await?).await };
        whole.await.map_err(|failure| LoadError::store(name, failure))
    }

    async fn whole(&self, mut pieces: crate::store::BlobStream) -> Fallible<Vec<u8>> {
        let wrong = |code, why: String| {
            let message = format!("the layer {} is not what it must be: {why}", self.layer.digest);
            Err(Failure::new(code, self.reader.repository(), Operation::BlobGet, message))
        };
        // At most the limit of components, which was checked when it was found.
        let expected = self.layer.size_bytes;
        let mut bytes = Vec::new();
        let mut hasher = self.layer.digest.hasher();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if (bytes.len() + piece.len()) as u64 > expected {
                return wrong(Code::Corrupt, "more bytes came than the manifest says".to_owned());
            }
            hasher.update(&piece);
            bytes.extend_from_slice(&piece);
        }
        if (bytes.len() as u64) < expected {
            return wrong(Code::Network, format!("only {} of {expected} bytes came", bytes.len()));
        }
        match hasher.finish() {
            found if found == self.layer.digest => Ok(bytes),
            found => wrong(Code::Corrupt, format!("the bytes have the digest {found}")),
        }
    }
}
