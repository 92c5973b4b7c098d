//! One repository in the data of a registry, for writing as well.

use super::reader::DataReader;
use super::storing::{Presence, Storing};
use crate::failure::{Fallible, Operation};
use crate::oci::{At, Descriptor, RawManifest, Repository};
use crate::store::disk::fault::Act;
use crate::store::disk::session::Draft;
use crate::store::disk::upload::DiskUpload;
use crate::store::{Begun, Subject, Writer, reads_by};
use async_trait::async_trait;
use std::sync::Arc;

/// A repository in data that can be written.
pub(super) struct DataWriter {
    pub(super) reader: DataReader,
    pub(super) storing: Arc<Storing>,
}

reads_by!(DataWriter, reader);

#[async_trait]
impl Writer for DataWriter {
    /// Where else the store has the blob does not matter: a link is enough wherever its bytes came from.
    async fn begin(&self, blob: &Descriptor, _elsewhere: Option<&Repository>) -> Fallible<Begun> {
        let (storing, path, wanted) = (Arc::clone(&self.storing), self.reader.path.clone(), blob.clone());
        let link = move |act: &Act| storing.link_blob(&path, &wanted, act);
        match self.reader.act(Operation::UploadStart).blocking(link).await? {
            Presence::Linked => Ok(Begun::Present),
            Presence::LinkedNow => Ok(Begun::Mounted),
            Presence::Absent => self.begin_anew(blob).await,
        }
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        let (storing, path) = (Arc::clone(&self.storing), self.reader.path.clone());
        let digest = blob.digest.clone();
        let placing = Arc::new(move |draft: Draft, act: &Act| storing.place_blob(&path, &digest, draft, act));
        let act = self.reader.act(Operation::BlobPut);
        Ok(Begun::Upload(Box::new(DiskUpload::new(blob, &self.storing.session, placing, act))))
    }

    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<Subject> {
        let (storing, path) = (Arc::clone(&self.storing), self.reader.path.clone());
        let (at, manifest) = (at.clone(), manifest.clone());
        let store = move |act: &Act| storing.store(&path, &at, &manifest, act);
        self.reader.act(Operation::ManifestPut).blocking(store).await?;
        Ok(Subject::Untold)
    }
}
