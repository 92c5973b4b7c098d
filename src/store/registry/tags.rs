//! Listing tags, with every way of paging that registries have.

use super::answer::listed_code;
use super::exchange::{Call, Document};
use super::paging::{Next, Paging, Things};
use super::profile::{self, Profile};
use super::repository::RegistryRepository;
use super::strays::Strays;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{Digest, MediaType, Tag};
use crate::store::{Extent, Head, Listed, Listing};
use reqwest::header::{HeaderMap, LINK};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most tags of one repository.
const TAGS: Things = Things { noun: "tags", most: 1_000_000 };
/// Most bytes of one page.
const PAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Limits that nobody mentions are round: a last page with a multiple of so many names may be cut.
const ROUND_TAGS: usize = 10;

/// distribution-spec, "Listing tags". Some registries write null for the list or for a tag in it.
#[derive(Deserialize)]
struct Page {
    tags: Option<Vec<Option<String>>>,
}

/// What some add to a page: every manifest by its digest.
#[derive(Deserialize)]
struct Manifests {
    manifest: HashMap<String, Named>,
}

/// A manifest, and the tags that name it.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "mediaType")]
    media_type: String,
    #[serde(default)]
    tag: Vec<String>,
}

/// What the pages that were read tell together.
#[derive(Default)]
struct Pages {
    tags: BTreeSet<Tag>,
    /// What tags name; nothing where two manifests claim one.
    heads: BTreeMap<Tag, Option<Head>>,
    not_tags: Strays,
    /// What the last one looks like.
    extent: Extent,
}

impl RegistryRepository {
    /// Every tag, from at most `pages_max` pages.
    pub(super) async fn list_tags(&self, pages_max: usize) -> Fallible<Listed> {
        let mut call = self.list_call();
        call.expected = &[StatusCode::NOT_FOUND];
        let mut pages = Pages::default();
        let mut paging = Paging::new(TAGS, pages_max);
        loop {
            let answer = self.account.document(&call, &self.scopes, PAGE_BYTES_MAX).await?;
            if answer.status == StatusCode::NOT_FOUND {
                return Ok(absence(&answer));
            }
            // A later page that is missing is no end but a hole.
            call.expected = &[];
            pages.take(&answer, self.account.host.profile)?;
            match paging.after(next_query(&answer.headers), pages.tags.len()) {
                Next::Page(query) => call.url.set_query(Some(&query)),
                Next::End => break,
                Next::Circle => {
                    pages.extent = Extent::MayBeCut;
                    break;
                }
                Next::Enough => return Ok(Listed::Untold),
                Next::Endless(why) => return Err(answer.asked.failure(Code::LimitExceeded, why)),
            }
        }
        if pages.not_tags.count > 0 {
            let Strays { count: not_tags, for_example } = &pages.not_tags;
            // As Rust writes texts: what is not legible is shown by its number.
            tracing::warn!(repository = %self.repository, not_tags, ?for_example, "the list of tags has names that are no tags");
        }
        Ok(Listed::Tags(pages.into_listing()))
    }

    /// The page of tags after `last`, which need not be there (distribution-spec, "Listing Tags").
    /// Registries that ignore the question answer with what they always do.
    pub(super) async fn list_tags_after(&self, last: &Tag) -> Fallible<Listed> {
        let mut call = self.list_call();
        call.url.set_query(Some(&format!("last={last}")));
        // Some know a `last` only that they made themselves.
        call.expected = &[StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        let answer = self.account.document(&call, &self.scopes, PAGE_BYTES_MAX).await?;
        if !answer.status.is_success() {
            return Ok(Listed::Untold);
        }
        let mut pages = Pages::default();
        pages.take(&answer, self.account.host.profile)?;
        if next_query(&answer.headers).is_some() {
            pages.extent = Extent::MayBeCut;
        }
        Ok(Listed::Tags(pages.into_listing()))
    }

    fn list_call(&self) -> Call {
        let url = self.account.host.url(&format!("/v2/{}/tags/list", self.path));
        Call::new(Operation::TagList, Method::GET, url)
    }
}

/// What it means that there is no list. Only this code says that there is no repository: there are
/// registries that know no lists, and proxies that know nothing (distribution-spec, "Error codes").
fn absence(answer: &Document) -> Listed {
    match listed_code(&answer.body).as_deref() {
        Some("NAME_UNKNOWN") => Listed::Nowhere,
        _ => Listed::Untold,
    }
}

impl Pages {
    fn take(&mut self, answer: &Document, profile: &Profile) -> Fallible<()> {
        let page: Page = serde_json::from_slice(&answer.body).map_err(|error| {
            answer.asked.failure(Code::Protocol, format!("the list of tags cannot be read: {error}"))
        })?;
        self.extent = match page.tags.as_ref().map(Vec::len) {
            Some(0) => Extent::Whole,
            Some(names) if !names.is_multiple_of(ROUND_TAGS) => Extent::Whole,
            _ => Extent::MayBeCut,
        };
        for name in page.tags.into_iter().flatten().flatten() {
            match name.parse::<Tag>() {
                Ok(tag) if !profile.strays.contains(&name.as_str()) => drop(self.tags.insert(tag)),
                Ok(_) | Err(_) => self.not_tags.add(&name),
            }
        }
        if profile.listing == profile::Listing::Digests {
            self.take_manifests(&answer.body);
        }
        Ok(())
    }

    /// Takes what the page tells of manifests. What cannot be read is asked for like everywhere else.
    fn take_manifests(&mut self, body: &[u8]) {
        let Ok(Manifests { manifest }) = serde_json::from_slice(body) else { return };
        for (digest, Named { media_type, tag }) in manifest {
            let (Ok(digest), Ok(media_type)) = (digest.parse::<Digest>(), media_type.parse::<MediaType>())
            else {
                continue;
            };
            let head = Head { digest, media_type, size_bytes: None };
            for tag in tag.iter().filter_map(|tag| tag.parse::<Tag>().ok()) {
                let known = self.heads.entry(tag).or_insert_with(|| Some(head.clone()));
                if known.as_ref() != Some(&head) {
                    *known = None;
                }
            }
        }
    }

    fn into_listing(self) -> Listing {
        let heads = self.heads.into_iter().filter_map(|(tag, head)| Some((tag, head?)));
        Listing { tags: self.tags.into_iter().collect(), heads: heads.collect(), extent: self.extent }
    }
}

/// The query of the next page, from the `Link` headers with `rel=next` (RFC 8288).
///
/// Only the query is taken and put to our own URL: registries behind proxies name wrong hosts and
/// paths, and no answer shall send us anywhere else.
pub(super) fn next_query(headers: &HeaderMap) -> Option<String> {
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
    use crate::oci::RegistryKind;
    use crate::store::registry::strays::{EXAMPLE_CHARS_MAX, EXAMPLES_MAX};
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

    #[test]
    fn some_names_that_are_no_tags_are_kept_to_be_told_and_cut() {
        let mut pages = Pages::default();
        let names = serde_json::to_string(&vec!["x/".repeat(500); 10]).expect("JSON");
        let profile = profile::named(RegistryKind::Distribution);
        pages.take(&document(&format!(r#"{{"tags":{names}}}"#)), profile).expect("a page");
        assert_eq!((pages.not_tags.count, pages.not_tags.for_example.len()), (10, EXAMPLES_MAX));
        assert!(pages.not_tags.for_example.iter().all(|name| name.len() == EXAMPLE_CHARS_MAX));
    }

    fn document(body: &str) -> Document {
        let asked = super::super::answer::Asked {
            operation: Operation::TagList,
            repository: "r.test/a".into(),
            method: Method::GET,
            url: reqwest::Url::parse("https://r.test/v2/a/tags/list").expect("a URL"),
            credential: None,
        };
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        Document { status: StatusCode::OK, headers: HeaderMap::new(), body, asked }
    }

    fn listing(body: &str) -> Listing {
        let mut pages = Pages::default();
        pages.take(&document(body), profile::named(RegistryKind::Gar)).expect("a page");
        pages.into_listing()
    }

    #[test]
    fn a_page_with_digests_tells_what_its_tags_name_as_far_as_it_is_sure() {
        let digest = |byte: char| format!("sha256:{}", byte.to_string().repeat(64));
        let (a, b) = (digest('a'), digest('b'));
        let page = |rest: &str| {
            let tagged = r#""mediaType":"application/vnd.oci.image.index.v1+json","tag":["1","both"]"#;
            listing(&format!(
                r#"{{"tags":["1","2","both"],"manifest":{{"{a}":{{{tagged},"timeCreatedMs":"1"}},{rest}}}}}"#
            ))
        };
        let told = page(&format!(r#""{b}":{{"mediaType":"a/b","tag":["both"]}},"x":{{"mediaType":"a/b"}}"#));
        assert_eq!(told.tags.len(), 3);
        assert_eq!(told.heads.len(), 1, "two manifests claim one, and nobody says what the third names");
        let head = &told.heads[&"1".parse::<Tag>().expect("a tag")];
        assert_eq!((head.digest.as_str(), head.media_type.is_index()), (a.as_str(), true));
        for odd in [r#""x":7"#, r#""x":{"tag":["1"]}"#, r#""x":{"mediaType":"a/b","tag":7}"#] {
            let told = page(odd);
            assert_eq!((told.tags.len(), told.heads.len()), (3, 0), "{odd}");
        }
    }

    #[test]
    fn a_list_that_may_be_cut_does_not_tell_what_is_absent() {
        let extent = |tags: &str| listing(&format!(r#"{{"tags":{tags}}}"#)).extent;
        let names = |count: usize| serde_json::to_string(&vec!["a"; count]).expect("JSON");
        for (tags, expected) in [
            ("[]".to_owned(), Extent::Whole),
            (names(9), Extent::Whole),
            (names(101), Extent::Whole),
            (names(100), Extent::MayBeCut),
            ("null".to_owned(), Extent::MayBeCut),
        ] {
            assert_eq!(extent(&tags), expected, "{tags}");
        }
    }

    #[test]
    fn only_a_registry_that_says_so_has_no_such_repository() {
        let said = |body: &str| absence(&document(body));
        assert_eq!(said(r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#), Listed::Nowhere);
        for other in [r#"{"errors":[{"code":"NOT_FOUND"}]}"#, r#"{"errors":[]}"#, "<html>", ""] {
            assert_eq!(said(other), Listed::Untold, "{other}");
        }
    }
}
