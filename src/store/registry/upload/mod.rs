//! Writing to a repository: blobs by mount or upload, and manifests.

mod after;
mod blob;
#[cfg(test)]
mod laws;
mod learn;
mod lessons;
mod sending;
mod session;
mod strategy;
mod tagging;

pub(super) use lessons::Lessons;
pub(super) use tagging::Tagging;

use super::exchange::{Call, Document};
use super::repository::RegistryRepository;
use crate::failure::{Class, Code, Failure, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, RawManifest, Repository, Tag};
use crate::store::{Begun, Reader as _, Subject, Writer};
use async_trait::async_trait;
use blob::{BlobUpload, Proof};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use session::Session;
use tagging::TAGS_PER_PUT_MAX;

/// Most bytes that are read of the answer to a manifest.
const RECEIPT_BYTES_MAX: usize = 1 << 20;

/// What a registry expects where nothing is said.
const USUAL_ALGORITHM: &str = "sha256";

#[async_trait]
impl Writer for RegistryRepository {
    async fn begin(&self, blob: &Descriptor, elsewhere: Option<&Repository>) -> Fallible<Begun> {
        if !self.account.host.mounts() {
            return self.head_or_post(blob).await;
        }
        let asked = match self.post_mount(blob, elsewhere).await {
            // Rights on the other repository may be what is missing: ask without it.
            Err(failure) if elsewhere.is_some() && failure.code.class() == Class::Denied => {
                self.post_mount(blob, None).await?
            }
            asked => asked?,
        };
        match asked {
            Some(begun) => Ok(begun),
            None => {
                let begun = self.head_or_post(blob).await?;
                self.account.host.fails_to_mount();
                Ok(begun)
            }
        }
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        Ok(self.upload(blob, self.post_plain(blob).await?, Proof::Answer))
    }

    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<Subject> {
        let call = self.put_call(at, manifest)?;
        match self.put(&call, manifest).await {
            Err(refused) if refused.code == Code::ImmutableTag => {
                self.is_written(at, manifest).await.then_some(Subject::Untold).ok_or(refused)
            }
            // distribution-spec, "Pushing Manifests with Subject".
            Ok(answer) if answer.headers.contains_key("oci-subject") => {
                self.account.host.tagging.lists_referrers();
                Ok(Subject::Listed)
            }
            Ok(_) => Ok(Subject::Untold),
            Err(failure) => Err(failure),
        }
    }

    fn tags_together(&self) -> Option<usize> {
        self.account.host.tagging.least()
    }

    async fn put_tagged(&self, tags: &[Tag], manifest: &RawManifest) -> Fallible<Vec<Tag>> {
        let Some(mut asking) = self.account.host.tagging.ask(tags.len()) else { return Ok(Vec::new()) };
        let mut written = Vec::new();
        for some in tags.chunks(TAGS_PER_PUT_MAX) {
            let mut call = self.put_call(&At::Digest(manifest.digest.clone()), manifest)?;
            for tag in some {
                call.url.query_pairs_mut().append_pair("tag", tag.as_str());
            }
            match self.put(&call, manifest).await {
                Ok(answer) => {
                    let taken = tagging::written(&answer.headers, some);
                    asking.answered(taken.len());
                    if taken.is_empty() {
                        break;
                    }
                    written.extend(taken);
                }
                Err(failure) if asking.failed(&failure) => return Err(failure),
                Err(failure) => {
                    tracing::debug!(%failure, "tags are written one by one");
                    break;
                }
            }
        }
        Ok(written)
    }
}

impl RegistryRepository {
    fn put_call(&self, at: &At, manifest: &RawManifest) -> Fallible<Call> {
        let mut call = self.manifest_call(Operation::ManifestPut, Method::PUT, at);
        let media_type = HeaderValue::from_str(manifest.media_type.as_str()).map_err(|_| {
            Failure::new(Code::Internal, &self.repository, Operation::ManifestPut, "bad media type")
        })?;
        call.headers.insert(CONTENT_TYPE, media_type);
        call.body = manifest.bytes.clone();
        Ok(call)
    }

    /// Stores a manifest, and sees to it that it is what the registry says to have stored.
    async fn put(&self, call: &Call, manifest: &RawManifest) -> Fallible<Document> {
        let answer = self.account.document(call, &self.scopes, RECEIPT_BYTES_MAX).await?;
        let stored = answer.headers.get("docker-content-digest").and_then(|value| value.to_str().ok());
        match stored.and_then(|text| text.parse::<Digest>().ok()) {
            Some(stored) if stored != manifest.digest => {
                let message =
                    format!("the target stored the manifest as {stored} instead of {}", manifest.digest);
                Err(answer.asked.failure(Code::Corrupt, message))
            }
            _ => Ok(answer),
        }
    }

    /// Whether `at` names this very manifest. Some registries refuse a protected tag also to whoever
    /// writes what it names already, such as an attempt before this one whose answer was lost.
    async fn is_written(&self, at: &At, manifest: &RawManifest) -> bool {
        matches!(self.head(at).await, Ok(Some(head)) if head.digest == manifest.digest)
    }

    /// Asks for a mount: done when the blob is there, and otherwise the start of an upload.
    ///
    /// distribution-spec, "Mounting a blob from another repository". A repository is asked to mount
    /// from itself when nothing better is known: registries that hold the blob there say so, which
    /// saves the HEAD before the upload. None when the registry refuses to be asked like that.
    async fn post_mount(&self, blob: &Descriptor, elsewhere: Option<&Repository>) -> Fallible<Option<Begun>> {
        let (other, scopes) = match elsewhere {
            Some(Repository::Registry { path, .. }) => (path, self.scopes.clone().and_pull(path)),
            _ => (&self.path, self.scopes.clone()),
        };
        let mut call = self.upload_call(blob);
        call.url
            .query_pairs_mut()
            .append_pair("mount", blob.digest.as_str())
            .append_pair("from", other.as_str());
        call.expected = &[
            StatusCode::BAD_REQUEST,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::UNPROCESSABLE_ENTITY,
        ];
        let answer = self.account.answer(&call, &scopes).await?;
        match answer.response.status() {
            StatusCode::CREATED if elsewhere.is_some() => Ok(Some(Begun::Mounted)),
            StatusCode::CREATED => Ok(Some(Begun::Present)),
            StatusCode::ACCEPTED => {
                if elsewhere.is_some() {
                    // The other repository has it: whoever does not mount it, never mounts.
                    self.account.host.fails_to_mount();
                }
                Ok(Some(self.upload(blob, Session::begun(&call.url, &answer)?, Proof::Word)))
            }
            _ => Ok(None),
        }
    }

    /// Looks for the blob, and starts an upload where it is not there: for registries that refuse
    /// to be asked for a mount, which would tell both at once.
    async fn head_or_post(&self, blob: &Descriptor) -> Fallible<Begun> {
        match self.has(blob).await? {
            true => Ok(Begun::Present),
            false => Ok(self.upload(blob, self.post_plain(blob).await?, Proof::Word)),
        }
    }

    /// Starts an upload and nothing else.
    async fn post_plain(&self, blob: &Descriptor) -> Fallible<Session> {
        let call = self.upload_call(blob);
        let answer = self.account.answer(&call, &self.scopes).await?;
        Session::begun(&call.url, &answer)
    }

    /// distribution-spec, "Pushing blobs": a digest of another kind than usual is told at the start, so that
    /// a registry that hashes while it reads can.
    fn upload_call(&self, blob: &Descriptor) -> Call {
        let mut url = self.account.host.url(&format!("/v2/{}/blobs/uploads/", self.path));
        if blob.digest.algorithm() != USUAL_ALGORITHM {
            url.query_pairs_mut().append_pair("digest-algorithm", blob.digest.algorithm());
        }
        Call::new(Operation::UploadStart, Method::POST, url)
    }

    fn upload(&self, blob: &Descriptor, session: Session, proof: Proof) -> Begun {
        Begun::Upload(Box::new(BlobUpload::new(self.clone(), blob, session, proof)))
    }
}
