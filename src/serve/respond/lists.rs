//! Lists: repositories, tags, referrers.

use super::Query;
use crate::oci::{Digest, MediaType, RepositoryPath};
use crate::serve::answer::{FILTERS_APPLIED, Refusal, document, set};
use crate::serve::body::Body;
use crate::serve::page::Page;
use crate::serve::site::{Repository, Site};
use hyper::{Response, StatusCode, header};
use serde_json::json;
use url::form_urlencoded;

/// Largest list of referrers, in bytes, but for one that is longer by itself: what is longer has pages.
/// distribution-spec, "Listing Referrers", would have it no longer than a manifest.
const REFERRERS_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(super) fn catalog(site: &Site, query: &Query<'_>) -> Result<Response<Body>, Refusal> {
    let mut sorted: Vec<&str> = site.repositories().collect();
    sorted.sort_unstable();
    let (names, next) = Page::of(query.head.uri.query())?.cut(sorted.into_iter());
    Ok(page(json!({ "repositories": names }), "/v2/_catalog", next))
}

pub(super) fn tags(
    repository: &Repository,
    name: &RepositoryPath,
    query: &Query<'_>,
) -> Result<Response<Body>, Refusal> {
    let (tags, next) = Page::of(query.head.uri.query())?.cut(repository.tags.keys().map(|tag| tag.as_str()));
    let next = next.map(|next| with_registry(next, query));
    Ok(page(json!({ "name": name.as_str(), "tags": tags }), &format!("/v2/{name}/tags/list"), next))
}

/// The next page is one of the same registry.
fn with_registry(next: String, query: &Query<'_>) -> String {
    match query.parameter("ns") {
        None => next,
        Some(registry) => {
            let length = next.len();
            form_urlencoded::Serializer::for_suffix(next, length).append_pair("ns", &registry).finish()
        }
    }
}

fn page(list: serde_json::Value, path: &str, next: Option<String>) -> Response<Body> {
    let mut answer = document(StatusCode::OK, "application/json", list.to_string());
    link(&mut answer, path, next);
    answer
}

/// RFC 8288.
fn link(answer: &mut Response<Body>, path: &str, next: Option<String>) {
    if let Some(next) = next {
        set(answer, header::LINK, &format!("<{path}?{next}>; rel=\"next\""));
    }
}

pub(super) fn referrers(
    site: &Site,
    name: &RepositoryPath,
    subject: &Digest,
    query: &Query<'_>,
) -> Result<Response<Body>, Refusal> {
    let artifact_type = query.parameter("artifactType").filter(|wanted| !wanted.is_empty());
    let last = query.parameter("last");
    let entries = site.referrers(subject).iter();
    let fits = entries.filter(|entry| {
        let is_wanted = artifact_type.is_none() || entry.artifact_type == artifact_type;
        is_wanted && last.as_deref().is_none_or(|last| entry.digest.as_str() > last)
    });
    let (mut list, mut last, mut next) = (String::new(), None, None);
    for entry in fits {
        if !list.is_empty() && list.len() + entry.descriptor.len() > REFERRERS_BYTES_MAX {
            next = last.map(|last: &Digest| after(last, artifact_type.as_deref()));
            break;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&entry.descriptor);
        last = Some(&entry.digest);
    }
    let index = MediaType::oci_index();
    let text = format!(r#"{{"schemaVersion":2,"mediaType":"{index}","manifests":[{list}]}}"#);
    let mut answer = document(StatusCode::OK, index.as_str(), text);
    if artifact_type.is_some() {
        set(&mut answer, FILTERS_APPLIED, "artifactType");
    }
    link(
        &mut answer,
        &format!("/v2/{name}/referrers/{subject}"),
        next.map(|next| with_registry(next, query)),
    );
    Ok(answer)
}

fn after(last: &Digest, artifact_type: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("last", last.as_str());
    if let Some(artifact_type) = artifact_type {
        query.append_pair("artifactType", artifact_type);
    }
    query.finish()
}
