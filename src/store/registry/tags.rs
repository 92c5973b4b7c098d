//! Listing tags, with every way of paging that registries have.

use super::exchange::{Call, Document};
use super::profile::Profile;
use super::repository::RegistryRepository;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::Tag;
use reqwest::header::{HeaderMap, LINK};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use std::collections::{BTreeSet, HashSet};

/// Most pages of one listing.
const PAGES_MAX: usize = 10_000;
/// Most tags of one repository.
const TAGS_MAX: usize = 1_000_000;
/// Most pages in a row without a tag that is new: some registries send pages with nothing but what
/// is no tag, and one that goes on like that has no end.
const IDLE_PAGES_MAX: usize = 20;
/// Most bytes of one page.
const PAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// distribution-spec, "Listing tags". Some registries write null for the list or for a tag in it.
#[derive(Deserialize)]
struct Page {
    tags: Option<Vec<Option<String>>>,
}

impl RegistryRepository {
    /// Every tag; none when the registry does not know the repository.
    pub(super) async fn list_tags(&self) -> Fallible<Option<Vec<Tag>>> {
        let mut call = Call::new(
            Operation::TagList,
            Method::GET,
            self.account.host.url(&format!("/v2/{}/tags/list", self.path)),
        );
        call.expected = &[StatusCode::NOT_FOUND];
        let mut tags = BTreeSet::new();
        let mut not_tags = 0_u64;
        let mut read: HashSet<String> = HashSet::new();
        let mut idle_pages = 0;
        loop {
            let answer = self.account.document(&call, &self.scopes, PAGE_BYTES_MAX).await?;
            if answer.status == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            // A later page that is missing is no end but a hole.
            call.expected = &[];
            let known = tags.len();
            not_tags += take_page(&answer, self.account.host.profile, &mut tags)?;
            idle_pages = if tags.len() > known { 0 } else { idle_pages + 1 };
            let Some(query) = next_query(&answer.headers) else { break };
            call.url.set_query(Some(&query));
            // A page that was read before leads in a circle.
            if !read.insert(query) {
                break;
            }
            if tags.len() > TAGS_MAX || read.len() >= PAGES_MAX || idle_pages > IDLE_PAGES_MAX {
                let message = format!(
                    "the list of tags does not end: {} tags on {} pages, and nothing new on the last {idle_pages}",
                    tags.len(),
                    read.len()
                );
                return Err(answer.asked.failure(Code::LimitExceeded, message));
            }
        }
        if not_tags > 0 {
            tracing::warn!(repository = %self.repository, not_tags, "the list of tags has names that are no tags");
        }
        Ok(Some(tags.into_iter().collect()))
    }
}

/// Adds the tags of one page, and counts what is no tag.
fn take_page(answer: &Document, profile: &Profile, tags: &mut BTreeSet<Tag>) -> Fallible<u64> {
    let page: Page = serde_json::from_slice(&answer.body).map_err(|error| {
        answer.asked.failure(Code::Protocol, format!("the list of tags cannot be read: {error}"))
    })?;
    let mut not_tags = 0;
    for name in page.tags.into_iter().flatten().flatten() {
        match name.parse::<Tag>() {
            Ok(tag) if !profile.strays.contains(&name.as_str()) => drop(tags.insert(tag)),
            Ok(_) | Err(_) => not_tags += 1,
        }
    }
    Ok(not_tags)
}

/// The query of the next page, from the `Link` headers with `rel=next` (RFC 8288).
///
/// Only the query is taken and put to our own URL: registries behind proxies name wrong hosts and
/// paths, and no answer shall send us anywhere else.
fn next_query(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    links.flat_map(split_links).find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let next = parameters.split(';').any(|parameter| {
            let parameter: String = parameter.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
            parameter.eq_ignore_ascii_case("rel=next")
        });
        let (_, query) = target.split_once('?').filter(|_| next)?;
        Some(query.split('#').next().unwrap_or_default().to_owned())
    })
}

/// Parts a header with several links at the commas outside `<…>`.
fn split_links(header: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    header.split(move |c| {
        inside = c == '<' || (inside && c != '>');
        c == ',' && !inside
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn next(links: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(LINK, HeaderValue::from_str(link).expect("a header value"));
        }
        next_query(&headers)
    }

    #[test]
    fn every_form_of_link_is_read_and_only_its_query_is_used() {
        let query = Some("n=2&last=b".to_owned());
        assert_eq!(next(&[r#"</v2/a/tags/list?n=2&last=b>; rel="next""#]), query);
        assert_eq!(next(&["</v2/a/tags/list?n=2&last=b>; rel=next"]), query);
        assert_eq!(next(&[r#"<https://evil.test/x?n=2&last=b>; REL="next"; title="t""#]), query);
        assert_eq!(next(&[r#"</first?x=1>; rel="first", </v2/a?n=2&last=b>;rel="next""#]), query);
        assert_eq!(next(&["</p?x=1>; rel=prev", "</v2/a?n=2&last=b>; rel=next"]), query);
        assert_eq!(next(&["</v2/a?next_page=a,b>; rel=next"]), Some("next_page=a,b".to_owned()));
        for none in [r#"</v2/a?n=2>; rel="prev""#, "nonsense", "<unclosed?n=1", "</v2/a>; rel=next", ""] {
            assert_eq!(next(&[none]), None, "{none}");
        }
    }
}
