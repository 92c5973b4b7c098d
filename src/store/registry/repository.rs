//! One repository of a registry, for reading.

use super::account::Account;
use super::auth::Scopes;
use super::body::{self, Origin, glance};
use super::exchange::{Call, Document};
use super::profile::{Listing, Quota};
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{
    At, Descriptor, Digest, MANIFEST_ACCEPT, MediaType, RawManifest, Repository, RepositoryPath, Tag,
};
use crate::store::{
    BlobStream, Condition, Costs, Depth, Head, Listed, ListedReferrers, Lists, MANIFEST_BYTES_MAX,
    ManifestGets, Reader, condition,
};
use async_trait::async_trait;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use std::sync::Arc;

/// One repository, spoken to with one credential and one set of rights.
#[derive(Clone)]
pub(super) struct RegistryRepository {
    pub(super) account: Arc<Account>,
    pub(super) repository: Repository,
    pub(super) path: RepositoryPath,
    /// What tokens are asked to allow.
    pub(super) scopes: Scopes,
}

/// Attempts to get a manifest whose bytes match its digest: caches in front of registries err.
const CORRUPT_ATTEMPTS_MAX: u32 = 3;

#[async_trait]
impl Reader for RegistryRepository {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        match self.list_tags(usize::MAX).await? {
            Listed::Tags(listing) => Ok(Some(listing.tags)),
            Listed::Nowhere | Listed::Untold => Ok(None),
        }
    }

    async fn list(&self, pages_max: usize) -> Fallible<Listed> {
        self.list_tags(pages_max).await
    }

    async fn pushed(&self) -> Fallible<Option<Vec<Tag>>> {
        self.list_pushed().await
    }

    fn costs(&self) -> Costs {
        let profile = self.account.host.profile;
        Costs {
            lists: match profile.listing {
                Listing::Names => Lists::Names,
                Listing::Digests => Lists::Digests,
            },
            manifests: match profile.quota {
                Quota::None => ManifestGets::Free,
                Quota::ManifestGets => ManifestGets::Counted,
            },
        }
    }

    async fn list_after(&self, last: &Tag) -> Fallible<Listed> {
        self.list_tags_after(last).await
    }

    async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        self.list_referrers(subject).await
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        let mut call = self.manifest_call(Operation::ManifestHead, Method::HEAD, at);
        // What a registry answers that knows no HEAD; a GET will tell.
        const NO_HEAD: [StatusCode; 4] = [
            StatusCode::BAD_REQUEST,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::NOT_ACCEPTABLE,
            StatusCode::NOT_IMPLEMENTED,
        ];
        call.expected = &[StatusCode::NOT_FOUND, NO_HEAD[0], NO_HEAD[1], NO_HEAD[2], NO_HEAD[3]];
        let answer = self.account.document(&call, &self.scopes, 0).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let digest = digest_header(&answer.headers);
        let media_type = media_type(&answer.headers);
        if let (true, Some(digest), Some(media_type)) = (answer.status.is_success(), digest, media_type) {
            check_named(&answer, at, &digest)?;
            return Ok(Some(Head { digest, media_type, size_bytes: None }));
        }
        let fetched = self.manifest(at).await?;
        Ok(fetched.map(|raw| Head { digest: raw.digest, media_type: raw.media_type, size_bytes: None }))
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        let mut attempt = 1;
        loop {
            match self.fetch_manifest(at).await {
                Err(failure) if failure.code == Code::Corrupt && attempt < CORRUPT_ATTEMPTS_MAX => {
                    attempt += 1
                }
                fetched => return fetched,
            }
        }
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        body::open(self.origin(blob), blob.size_bytes, start).await
    }

    async fn look_at(&self, blob: &Descriptor, depth: Depth) -> Fallible<Condition> {
        let shown = match self.head_blob(blob).await? {
            Shown::Here(shown) => shown,
            Shown::Nothing => return Ok(Condition::Absent),
            // What HEAD does not tell, a GET will; whoever asks no further sends the blob.
            Shown::Untold if depth == Depth::Word => return Ok(Condition::Absent),
            Shown::Untold => None,
        };
        let size_bytes = blob.size_bytes;
        match shown {
            Some(shown) if shown != size_bytes => {
                Ok(Condition::Damaged(format!("it is shown with {shown} bytes instead of {size_bytes}")))
            }
            _ if depth == Depth::Word || size_bytes == 0 => Ok(Condition::Sound),
            _ if depth == Depth::Whole => {
                let looked = condition::of_bytes(self.blob(blob, 0).await, blob).await?;
                Ok(match looked {
                    Condition::Absent => {
                        Condition::Damaged("asked for its bytes, the target has none".to_owned())
                    }
                    Condition::Sound | Condition::Damaged(_) => looked,
                })
            }
            _ => glance::first_byte(self.origin(blob), size_bytes).await,
        }
    }
}

/// What the answer to the HEAD of a blob says.
enum Shown {
    /// The blob is there, and has so many bytes, where that was said.
    Here(Option<u64>),
    /// It is not there.
    Nothing,
    /// HEAD is unknown here, or leads to a host that refuses it.
    Untold,
}

impl RegistryRepository {
    /// Whether a blob is there. Where that cannot be asked, it is not.
    pub(super) async fn has(&self, blob: &Descriptor) -> Fallible<bool> {
        Ok(matches!(self.head_blob(blob).await?, Shown::Here(_)))
    }

    async fn head_blob(&self, blob: &Descriptor) -> Fallible<Shown> {
        let mut call = Call::new(Operation::BlobHead, Method::HEAD, self.blob_url(blob));
        call.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        call.expected = &[
            StatusCode::BAD_REQUEST,
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::NOT_IMPLEMENTED,
        ];
        let answer = self.account.document(&call, &self.scopes, 0).await?;
        let length = answer.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        // Some say 0 of every HEAD, because its answer has no body.
        let length = length.filter(|length: &u64| *length > 0);
        Ok(match answer.status {
            StatusCode::NOT_FOUND => Shown::Nothing,
            status if status.is_success() => Shown::Here(length),
            _ => Shown::Untold,
        })
    }

    fn blob_url(&self, blob: &Descriptor) -> Url {
        self.account.host.url(&format!("/v2/{}/blobs/{}", self.path, blob.digest))
    }

    fn origin(&self, blob: &Descriptor) -> Origin {
        let mut call = Call::new(Operation::BlobGet, Method::GET, self.blob_url(blob));
        // Bytes as they are: a compressed transfer would not have the digest.
        call.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        Origin { account: self.account.clone(), scopes: self.scopes.clone(), call }
    }

    pub(super) fn manifest_call(&self, operation: Operation, method: Method, at: &At) -> Call {
        let url = self.account.host.url(&format!("/v2/{}/manifests/{at}", self.path));
        let mut call = Call::new(operation, method, url);
        call.headers.insert(ACCEPT, HeaderValue::from_static(MANIFEST_ACCEPT));
        call
    }

    async fn fetch_manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        let mut call = self.manifest_call(Operation::ManifestGet, Method::GET, at);
        call.expected = &[StatusCode::NOT_FOUND];
        let answer = self.account.document(&call, &self.scopes, MANIFEST_BYTES_MAX as usize).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let Some(media_type) = media_type(&answer.headers) else {
            return Err(answer.asked.failure(Code::Protocol, "the manifest came without a media type"));
        };
        let named = digest_header(&answer.headers);
        let expected = match at {
            At::Digest(digest) => Some(digest),
            At::Tag(_) => named.as_ref(),
        };
        let raw = RawManifest::new(media_type, answer.body.clone(), expected);
        if expected.is_some_and(|expected| *expected != raw.digest) {
            let message = format!("the manifest has the digest {} instead", raw.digest);
            return Err(answer.asked.failure(Code::Corrupt, message));
        }
        Ok(Some(raw))
    }
}

/// A HEAD by digest must name that digest.
fn check_named(answer: &Document, at: &At, named: &Digest) -> Fallible<()> {
    match at {
        At::Digest(asked) if asked != named => {
            Err(answer.asked.failure(Code::Corrupt, format!("the registry answered for {named} instead")))
        }
        _ => Ok(()),
    }
}

fn digest_header(headers: &HeaderMap) -> Option<Digest> {
    headers.get("docker-content-digest")?.to_str().ok()?.trim().parse().ok()
}

fn media_type(headers: &HeaderMap) -> Option<MediaType> {
    headers.get(CONTENT_TYPE)?.to_str().ok()?.parse().ok()
}
