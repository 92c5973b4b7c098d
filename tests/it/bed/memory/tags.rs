//! Lists of tags, whole or in pages.

use super::answer::Answer;
use super::contents::Repository;
use super::errors::error;
use super::options::TagOrder;
use super::personality::{Listed, Paging};
use super::server::Shared;
use super::{Options, Request};
use crate::bed::digest::hex;
use serde_json::{Value, json};

/// `GET …/tags/list`. distribution-spec, "Listing Tags".
pub(super) fn list(shared: &Shared, request: &Request, name: &str) -> Answer {
    let contents = shared.contents();
    let known = contents.repositories.get(name).filter(|repository| !repository.tags.is_empty());
    let Some(repository) = known else {
        let detail = json!({ "name": name });
        return error(404, "NAME_UNKNOWN", "repository name not known to registry", detail);
    };
    let traits = &shared.options.traits;
    let wanted = request.query("n").and_then(|n| n.parse::<usize>().ok());
    if let (Some(wanted), Some((most, refusal))) = (wanted, traits.list_max)
        && wanted > most
    {
        return refusal.answer(name, "");
    }
    let most = match traits.paging {
        Paging::Ignored => return whole(repository, name, &shared.options),
        Paging::Relative(most)
        | Paging::Absolute(most)
        | Paging::Unlinked(most)
        | Paging::Misplaced(most)
        | Paging::Token(most) => most,
    };
    let size = wanted.unwrap_or(most).min(most);
    let token = repository.tags.keys().find(|tag| request.query("next_page") == Some(&hex(tag.as_bytes())));
    let last = token.map(String::as_str).or(request.query("last")).unwrap_or_default();
    let mut rest = repository.tags.keys().filter(|tag| tag.as_str() > last).peekable();
    let page: Vec<&String> = rest.by_ref().take(size).collect();
    let answer = Answer::json(200, &document(repository, name, &page, traits.listed));
    let (Some(last), Some(_)) = (page.last(), rest.peek()) else { return answer };
    let path = format!("/v2/{name}/tags/list");
    let link = match traits.paging {
        Paging::Ignored | Paging::Unlinked(_) => return answer,
        Paging::Relative(_) => format!("{path}?last={last}&n={size}"),
        Paging::Absolute(_) => format!("{}{path}?last={last}&n={size}", shared.origin()),
        Paging::Misplaced(_) => {
            format!("http://registry.invalid/repository/docker{path}?last={last}&n={size}")
        }
        Paging::Token(_) => format!("{path}?n={size}&next_page={}", hex(last.as_bytes())),
    };
    answer.header("link", format!("<{link}>; rel=\"next\""))
}

fn whole(repository: &Repository, name: &str, options: &Options) -> Answer {
    let mut tags: Vec<_> = repository.tags.iter().collect();
    match options.tag_order {
        TagOrder::Null => return Answer::json(200, &json!({ "name": name, "tags": null })),
        TagOrder::Sorted => {}
        TagOrder::NewestFirst => tags.sort_by_key(|(_, tag)| std::cmp::Reverse(tag.age)),
    }
    let tags: Vec<&String> = tags.into_iter().map(|(name, _)| name).collect();
    Answer::json(200, &document(repository, name, &tags, options.traits.listed))
}

/// The list, with what the registry has in it beside the tags.
fn document(repository: &Repository, name: &str, tags: &[&String], listed: Listed) -> Value {
    let mut entries: Vec<Value> = tags.iter().map(|tag| json!(tag)).collect();
    match listed {
        Listed::Tags => {}
        Listed::Nulls => entries.push(Value::Null),
        Listed::Strays => entries.extend(["_uploads", "sha256:4f0a2cbd9bd62cbb"].map(Value::from)),
        Listed::Digests => {
            let manifests: serde_json::Map<String, Value> = repository
                .manifests
                .iter()
                .map(|(digest, stored)| (digest.clone(), entry(repository, digest, &stored.media_type)))
                .collect();
            return json!({ "child": [], "manifest": manifests, "name": name, "tags": entries });
        }
    }
    json!({ "name": name, "tags": entries })
}

/// What a list says of one manifest, as Google's do.
fn entry(repository: &Repository, digest: &str, media_type: &str) -> Value {
    let named = repository.tags.iter().filter(|(_, tag)| tag.digest == digest);
    let tags: Vec<&String> = named.map(|(name, _)| name).collect();
    json!({
        "imageSizeBytes": "0", "layerId": "", "mediaType": media_type, "tag": tags,
        "timeCreatedMs": "1577836800000", "timeUploadedMs": "1577836800000",
    })
}
