//! Lists of tags, whole or in pages.

use super::Request;
use super::answer::Answer;
use super::contents::Repository;
use super::errors::error;
use super::options::{Paging, TagOrder};
use super::server::Shared;
use serde_json::json;

/// `GET …/tags/list`. distribution-spec, "Listing Tags".
pub(super) fn list(shared: &Shared, request: &Request, name: &str) -> Answer {
    let contents = shared.contents();
    let known = contents.repositories.get(name).filter(|repository| !repository.tags.is_empty());
    let Some(repository) = known else {
        let detail = json!({ "name": name });
        return error(404, "NAME_UNKNOWN", "repository name not known to registry", detail);
    };
    let (page_tags_max, origin) = match shared.options.paging {
        Paging::Ignored => return whole(repository, name, shared.options.tag_order),
        Paging::Relative(most) => (most, Some(String::new())),
        Paging::Absolute(most) => (most, Some(shared.origin())),
        Paging::Unlinked(most) => (most, None),
    };
    let wanted = request.query("n").and_then(|n| n.parse::<usize>().ok());
    let size = wanted.unwrap_or(page_tags_max).min(page_tags_max);
    let last = request.query("last").unwrap_or_default();
    let mut rest = repository.tags.keys().filter(|tag| tag.as_str() > last).peekable();
    let page: Vec<&String> = rest.by_ref().take(size).collect();
    let answer = Answer::json(200, &json!({ "name": name, "tags": page }));
    match (origin, page.last(), rest.peek()) {
        (Some(origin), Some(last), Some(_)) => {
            let link = format!("<{origin}/v2/{name}/tags/list?last={last}&n={size}>; rel=\"next\"");
            answer.header("link", link)
        }
        _ => answer,
    }
}

fn whole(repository: &Repository, name: &str, order: TagOrder) -> Answer {
    let mut tags: Vec<_> = repository.tags.iter().collect();
    match order {
        TagOrder::Null => return Answer::json(200, &json!({ "name": name, "tags": null })),
        TagOrder::Sorted => {}
        TagOrder::NewestFirst => tags.sort_by_key(|(_, tag)| std::cmp::Reverse(tag.age)),
    }
    let tags: Vec<&String> = tags.into_iter().map(|(name, _)| name).collect();
    Answer::json(200, &json!({ "name": name, "tags": tags }))
}
