//! Listing tags, with every way of paging that registries have.

use super::exchange::Call;
use super::repository::RegistryRepository;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::Tag;
use reqwest::header::{HeaderMap, LINK};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Most pages of one listing.
const PAGES_MAX: usize = 10_000;
/// Most tags of one repository.
const TAGS_MAX: usize = 1_000_000;
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
        for page_number in 1..=PAGES_MAX {
            let answer = self.account.document(&call, &self.scopes, PAGE_BYTES_MAX).await?;
            if answer.status == StatusCode::NOT_FOUND && page_number == 1 {
                return Ok(None);
            }
            let page: Page = serde_json::from_slice(&answer.body).map_err(|error| {
                answer.asked.failure(Code::Protocol, format!("the list of tags cannot be read: {error}"))
            })?;
            let known = tags.len();
            for name in page.tags.into_iter().flatten().flatten() {
                match name.parse::<Tag>() {
                    Ok(tag) => drop(tags.insert(tag)),
                    Err(_) => not_tags += 1,
                }
            }
            if tags.len() > TAGS_MAX {
                let message = format!("the repository has more than {TAGS_MAX} tags");
                return Err(answer.asked.failure(Code::LimitExceeded, message));
            }
            // A page without anything new would come for ever.
            match next_query(&answer.headers).filter(|_| tags.len() > known) {
                Some(query) => call.url.set_query(Some(&query)),
                None => break,
            }
        }
        if not_tags > 0 {
            tracing::warn!(repository = %self.repository, not_tags, "the list of tags has names that are no tags");
        }
        Ok(Some(tags.into_iter().collect()))
    }
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
