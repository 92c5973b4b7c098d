//! What a registry without a disk has, and what it answers from that.

use crate::content::Content;
use crate::corpus::Corpus;
use bytes::Bytes;
use futures::stream;
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{Full, StreamBody};
use hyper::body::Frame;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

/// Tags on one page of a listing.
const TAGS_PER_PAGE: usize = 1000;

pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;
pub(super) type Answer = Result<Response<Body>, http::Error>;

#[derive(Clone)]
pub(crate) struct Manifest {
    pub(crate) digest: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
}

/// What one repository has.
#[derive(Clone, Default)]
pub(crate) struct Repository {
    pub(crate) tags: Vec<String>,
    /// By tag and by digest.
    pub(crate) manifests: HashMap<String, Manifest>,
    /// Digests.
    pub(crate) blobs: HashSet<String>,
}

#[derive(Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) repositories: HashMap<String, Repository>,
    /// By digest. What is uploaded is noted and thrown away.
    pub(crate) contents: HashMap<String, Content>,
}

impl Shelf {
    /// All of a corpus, each repository under the path that `at` makes of its name.
    pub(crate) fn of(corpus: &Corpus, at: fn(&str) -> String) -> Self {
        let mut shelf = Self::default();
        for (digest, blob) in &corpus.blobs {
            shelf.contents.insert(digest.clone(), blob.content.clone());
            for repository in &blob.repositories {
                shelf.repository(&at(repository)).blobs.insert(digest.clone());
            }
        }
        for one in &corpus.manifests {
            let (digest, media_type) = (one.digest.clone(), one.media_type.to_owned());
            let manifest = Manifest { digest, media_type, bytes: one.body.clone().into() };
            shelf.repository(&at(&one.repository)).put(&one.at, manifest);
        }
        shelf
    }

    pub(crate) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }

    pub(super) fn list(&self, name: &str, query: Option<&str>) -> Answer {
        let Some(repository) = self.repositories.get(name) else { return missing("NAME_UNKNOWN") };
        let page: usize = query.and_then(|query| query.strip_prefix("page=")?.parse().ok()).unwrap_or(0);
        let rest = repository.tags.get(page * TAGS_PER_PAGE..).unwrap_or_default();
        let tags = rest.get(..TAGS_PER_PAGE).unwrap_or(rest);
        let mut response = Response::builder().header("content-type", "application/json");
        if rest.len() > TAGS_PER_PAGE {
            let next = format!("</v2/{name}/tags/list?page={}>; rel=\"next\"", page + 1);
            response = response.header("link", next);
        }
        response.body(whole(json!({ "name": name, "tags": tags }).to_string()))
    }

    pub(super) fn manifest(&self, name: &str, at: &str) -> Answer {
        let repository = self.repositories.get(name);
        let Some(manifest) = repository.and_then(|repository| repository.manifests.get(at)) else {
            return missing("MANIFEST_UNKNOWN");
        };
        Response::builder()
            .header("docker-content-digest", &manifest.digest)
            .header("content-type", &manifest.media_type)
            .header("content-length", manifest.bytes.len())
            .body(whole(manifest.bytes.clone()))
    }

    /// The content of a blob where the repository has it.
    pub(super) fn blob(&self, name: &str, digest: &str) -> Option<Content> {
        let there = self.repositories.get(name).is_some_and(|repository| repository.blobs.contains(digest));
        self.contents.get(digest).filter(|_| there).cloned()
    }

    pub(super) fn has_blob(&self, name: &str, digest: &str) -> bool {
        self.repositories.get(name).is_some_and(|repository| repository.blobs.contains(digest))
    }
}

impl Repository {
    pub(crate) fn put(&mut self, at: &str, manifest: Manifest) {
        let digest = manifest.digest.clone();
        if at != digest && !self.manifests.contains_key(at) {
            self.tags.push(at.to_owned());
        }
        self.manifests.insert(at.to_owned(), manifest.clone());
        self.manifests.insert(digest, manifest);
    }
}

pub(super) fn content(content: &Content) -> Answer {
    let frames = stream::iter(content.pieces().map(|piece| Ok(Frame::data(piece))));
    Response::builder()
        .header("content-length", content.size_bytes())
        .header("content-type", "application/octet-stream")
        .body(UnsyncBoxBody::new(StreamBody::new(frames)))
}

pub(super) fn missing(code: &str) -> Answer {
    error(StatusCode::NOT_FOUND, code)
}

/// Too many at once. How long to wait is not said.
pub(super) fn refused() -> Answer {
    error(StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS")
}

pub(super) fn error(status: StatusCode, code: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": "it cannot be had" }] }).to_string();
    Response::builder().status(status).header("content-type", "application/json").body(whole(body))
}

pub(super) fn empty() -> Body {
    whole(Bytes::new())
}

fn whole(bytes: impl Into<Bytes>) -> Body {
    UnsyncBoxBody::new(Full::new(bytes.into()))
}
