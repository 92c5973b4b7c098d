//! Who speaks about a manifest, as registries list it; and whether a registry has such lists, which is
//! learnt once.

use super::answer::listed_code;
use super::exchange::{Call, Document};
use super::paging::{Next, Paging, Things};
use super::profile;
use super::repository::RegistryRepository;
use super::tags::next_query;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Digest, MediaType, RawManifest, Referrer};
use crate::store::{ListedReferrers, MANIFEST_BYTES_MAX, REFERRERS_MAX};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Mutex as Door, MutexGuard};

/// Most referrers of one manifest.
const REFERRERS: Things = Things { noun: "referrers", most: REFERRERS_MAX };
/// What the list is asked for as.
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/vnd.oci.image.index.v1+json");

/// Whether a registry lists referrers: documented, or seen in this run.
#[derive(Debug)]
pub(super) struct ReferrersApi {
    known: Mutex<Knowledge>,
    /// Whoever asks first holds it: the others wait for what that teaches.
    first: Door<()>,
}

/// What is known of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knowledge {
    /// Nothing yet: one asks, and the others wait.
    Nothing,
    /// It was asked, and the answer did not tell: everybody asks.
    Unsure,
    /// It lists them.
    Listed,
    /// It does not.
    Unlisted,
}

/// What an answer to a question for referrers means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It is a page of the list.
    Page,
    /// There are no such lists here.
    Unlisted,
    /// There is none for this manifest, which says nothing of others.
    Untold,
}

impl ReferrersApi {
    pub(super) fn new(documented: profile::Referrers) -> Self {
        let known = match documented {
            profile::Referrers::Unknown => Knowledge::Nothing,
            profile::Referrers::Unlisted => Knowledge::Unlisted,
        };
        Self { known: Mutex::new(known), first: Door::default() }
    }

    fn known(&self) -> Knowledge {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for whoever asks first; that one gets the door, which it holds until it has learnt.
    async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        if self.known() != Knowledge::Nothing {
            return None;
        }
        let door = self.first.lock().await;
        (self.known() == Knowledge::Nothing).then_some(door)
    }

    fn learn(&self, answer: &Fallible<ListedReferrers>, meaning: Option<Meaning>) {
        let learnt = match (answer, meaning) {
            (Ok(ListedReferrers { list: Some(_), .. }), _) => Knowledge::Listed,
            (Ok(_), Some(Meaning::Unlisted)) => Knowledge::Unlisted,
            _ => Knowledge::Unsure,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Who listed them once lists them.
        *known = match (*known, learnt) {
            (Knowledge::Listed, _) => Knowledge::Listed,
            (_, learnt) => learnt,
        };
    }
}

impl RegistryRepository {
    /// Who names `subject` as theirs. distribution-spec, "Listing Referrers".
    pub(super) async fn list_referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        let api = &self.account.host.referrers;
        let _first = api.turn().await;
        if api.known() == Knowledge::Unlisted {
            return Ok(ListedReferrers::default());
        }
        let mut meaning = None;
        let answer = self.pages(subject, &mut meaning).await;
        api.learn(&answer, meaning);
        answer
    }

    async fn pages(&self, subject: &Digest, first: &mut Option<Meaning>) -> Fallible<ListedReferrers> {
        let url = self.account.host.url(&format!("/v2/{}/referrers/{subject}", self.path));
        let mut call = Call::new(Operation::ReferrerList, Method::GET, url);
        call.headers.insert(ACCEPT, ACCEPTED);
        call.expected = &[
            StatusCode::BAD_REQUEST,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::NOT_ACCEPTABLE,
            StatusCode::NOT_IMPLEMENTED,
        ];
        let mut found = BTreeSet::new();
        let mut paging = Paging::new(REFERRERS, usize::MAX);
        let mut requests = 0;
        loop {
            let answer = self.account.document(&call, &self.scopes, MANIFEST_BYTES_MAX as usize).await?;
            requests += 1;
            if requests == 1 {
                let meaning = *first.insert(meaning(&answer));
                if meaning != Meaning::Page {
                    return Ok(ListedReferrers { list: None, requests });
                }
            }
            // A later page that is missing is no end but a hole.
            call.expected = &[];
            found.extend(read(&answer, subject)?);
            if found.len() > REFERRERS_MAX {
                return Err(too_many(&answer, subject));
            }
            match paging.after(next_query(&answer.headers), found.len()) {
                Next::Page(query) => call.url.set_query(Some(&query)),
                Next::End => break,
                // What is lost in a circle would be missed at the target.
                Next::Circle | Next::Enough => {
                    let message = "the pages of the list of referrers lead in a circle";
                    return Err(answer.asked.failure(Code::Protocol, message));
                }
                Next::Endless(why) => return Err(answer.asked.failure(Code::LimitExceeded, why)),
            }
        }
        Ok(ListedReferrers { list: Some(found.into_iter().collect()), requests })
    }
}

/// One page. An entry that cannot be read makes the whole unreadable: what is left out would be missed
/// at the target, and nobody would know.
fn read(answer: &Document, subject: &Digest) -> Fallible<Vec<Referrer>> {
    let raw = RawManifest::new(MediaType::oci_index(), answer.body.clone(), None);
    Referrer::listed(&raw, subject).map_err(|error| {
        let message = format!("the list of referrers of {subject} cannot be read: {error}");
        answer.asked.failure(Code::Protocol, message).hint("`referrers: none` mirrors images without them")
    })
}

fn too_many(answer: &Document, subject: &Digest) -> Box<Failure> {
    let message = format!("{subject} has more than {REFERRERS_MAX} referrers");
    let hint = "name the artifact types that you need under `referrers`, or write `none`";
    answer.asked.failure(Code::LimitExceeded, message).hint(hint)
}

/// What the first answer means. Registries without the API say so in many ways (distribution-spec, "Referrers
/// Tag Schema"); what they say of a name or a digest is about these only.
fn meaning(answer: &Document) -> Meaning {
    const ABOUT_ONE: [&str; 4] = ["NAME_UNKNOWN", "NAME_INVALID", "MANIFEST_UNKNOWN", "DIGEST_INVALID"];
    if answer.status.is_success() {
        return if is_page_for_people(answer) { Meaning::Unlisted } else { Meaning::Page };
    }
    match listed_code(&answer.body) {
        Some(code) if ABOUT_ONE.contains(&code.as_str()) => Meaning::Untold,
        _ => Meaning::Unlisted,
    }
}

/// Whether a server shows its web page for what it does not know.
fn is_page_for_people(answer: &Document) -> bool {
    let media_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.trim().to_ascii_lowercase().starts_with("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::registry::answer::Asked;
    use reqwest::header::HeaderMap;

    fn document(status: u16, media_type: &'static str, body: &str) -> Document {
        let asked = Asked {
            operation: Operation::ReferrerList,
            repository: "r.test/a".into(),
            method: Method::GET,
            url: reqwest::Url::parse("https://r.test/v2/a/referrers/x").expect("a URL"),
            credential: None,
        };
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        Document { status: StatusCode::from_u16(status).expect("a status"), headers, body, asked }
    }

    #[test]
    fn each_way_to_say_that_there_are_no_such_lists_is_known() {
        let listed = |code: &str| format!(r#"{{"errors":[{{"code":"{code}","message":"no"}}]}}"#);
        let json = "application/json";
        for (status, media_type, body, expected) in [
            (200, "application/vnd.oci.image.index.v1+json", "{}".to_owned(), Meaning::Page),
            (200, json, "{".to_owned(), Meaning::Page),
            (200, "Text/HTML; charset=utf-8", "<html>".to_owned(), Meaning::Unlisted),
            (404, "text/plain", "404 page not found".to_owned(), Meaning::Unlisted),
            (404, json, listed("METHOD_UNKNOWN"), Meaning::Unlisted),
            (404, "text/html", "<html>".to_owned(), Meaning::Unlisted),
            (404, json, listed("NAME_UNKNOWN"), Meaning::Untold),
            (404, json, listed("MANIFEST_UNKNOWN"), Meaning::Untold),
            (400, json, listed("DIGEST_INVALID"), Meaning::Untold),
            (400, json, listed("UNSUPPORTED"), Meaning::Unlisted),
            (405, json, listed("UNSUPPORTED"), Meaning::Unlisted),
            (406, "text/plain", String::new(), Meaning::Unlisted),
            (501, "text/plain", String::new(), Meaning::Unlisted),
        ] {
            assert_eq!(meaning(&document(status, media_type, &body)), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_was_listed_once_stays_listed_and_what_failed_teaches_nothing() {
        let listed = || Ok(ListedReferrers { list: Some(Vec::new()), requests: 1 });
        let none = || Ok(ListedReferrers { list: None, requests: 1 });
        let failed = || Err(Failure::new(Code::ServerError, "r.test", Operation::ReferrerList, "no"));
        let api = ReferrersApi::new(profile::Referrers::Unknown);
        api.learn(&failed(), None);
        assert_eq!(api.known(), Knowledge::Unsure);
        api.learn(&none(), Some(Meaning::Untold));
        assert_eq!(api.known(), Knowledge::Unsure);
        api.learn(&none(), Some(Meaning::Unlisted));
        assert_eq!(api.known(), Knowledge::Unlisted);
        let api = ReferrersApi::new(profile::Referrers::Unknown);
        api.learn(&listed(), Some(Meaning::Page));
        api.learn(&none(), Some(Meaning::Unlisted));
        assert_eq!(api.known(), Knowledge::Listed);
        assert_eq!(ReferrersApi::new(profile::Referrers::Unlisted).known(), Knowledge::Unlisted);
    }

    #[test]
    fn what_is_no_index_of_descriptors_is_an_error_and_leaves_nothing_out() {
        let subject = Digest::of(b"an image");
        let digest = Digest::of(b"a signature");
        let entry = |rest: &str| {
            format!(
                r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}"{rest}}}"#
            )
        };
        let good = entry(r#","size":7,"artifactType":"a/sig""#);
        let page = |entries: &str| {
            let body = format!(r#"{{"schemaVersion":2,"manifests":{entries}}}"#);
            read(&document(200, "application/vnd.oci.image.index.v1+json", &body), &subject)
        };
        let found = page(&format!("[{good},{}]", entry(r#","size":7"#))).expect("a good page");
        let types: Vec<Option<&str>> =
            found.iter().map(|one| one.artifact_type.as_ref().map(MediaType::as_str)).collect();
        assert_eq!(types, [Some("a/sig"), None]);
        assert!(found.iter().all(|one| one.subject == subject && one.digest == digest));
        assert_eq!(page("null").expect("Go writes empty lists like this"), []);
        for bad in ["{}", "7", &format!("[{good},{{}}]"), &format!("[{}]", entry("")), "[null]"] {
            let failure = page(bad).expect_err(bad);
            assert_eq!(failure.code, Code::Protocol, "{bad}");
        }
        let nothing = read(&document(200, "application/json", "{}"), &subject);
        assert_eq!(nothing.expect_err("no list").code, Code::Protocol);
    }
}
