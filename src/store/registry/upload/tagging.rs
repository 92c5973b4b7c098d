//! Several tags of one manifest in one PUT: whether a registry takes that, as far as is known.
//! distribution-spec, "Pushing Manifests": the digest in the path, each tag as a parameter `tag`; a header
//! `OCI-Tag` names those that were written.

use crate::failure::{Class, Code, Failure};
use crate::oci::Tag;
use crate::store::registry::profile::Tags;
use reqwest::header::HeaderMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most tags of one PUT: every registry that takes several takes so many (distribution-spec, "Pushing
/// Manifests").
pub(super) const TAGS_PER_PUT_MAX: usize = 10;
/// How many tags must wait before a registry is asked that may not know what it is asked: then the PUT that
/// is wasted if it does not is less than what is saved if it does.
const TAGS_TO_TRY: usize = 3;
/// How many tags must wait where it is known to work.
const TAGS_TO_JOIN: usize = 2;

/// What is known of one registry.
#[derive(Debug)]
pub(in crate::store::registry) struct Tagging(Mutex<Known>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It does not take several tags: documented, or seen in this run.
    OneByOne,
    /// Nothing, and nothing that it has shown speaks for it: it is not asked.
    Nothing,
    /// It is worth asking.
    Promising,
    /// Somebody is asking.
    Asked,
    /// It takes several.
    Together,
}

/// The right to write several tags at once; to be told how that ended.
pub(super) struct Asking<'a> {
    tagging: &'a Tagging,
    before: Known,
    learnt: Option<Known>,
}

impl Tagging {
    /// What is documented.
    pub(in crate::store::registry) fn new(documented: Tags) -> Self {
        Self(Mutex::new(match documented {
            Tags::OneByOne => Known::OneByOne,
            Tags::Untold => Known::Nothing,
            Tags::Together => Known::Promising,
        }))
    }

    /// The registry does what came into the specification not long before: it lists referrers.
    pub(in crate::store::registry) fn lists_referrers(&self) {
        let mut known = self.known();
        if *known == Known::Nothing {
            *known = Known::Promising;
        }
    }

    /// From how many tags on it is worth it to write them together.
    pub(super) fn least(&self) -> Option<usize> {
        match *self.known() {
            Known::OneByOne | Known::Nothing | Known::Asked => None,
            Known::Promising => Some(TAGS_TO_TRY),
            Known::Together => Some(TAGS_TO_JOIN),
        }
    }

    /// The right to write so many tags together. While nobody knows, one asks, and the others do as before.
    pub(super) fn ask(&self, tags: usize) -> Option<Asking<'_>> {
        self.least().filter(|least| tags >= *least)?;
        let mut known = self.known();
        let before = *known;
        match before {
            Known::Promising => *known = Known::Asked,
            Known::Together => {}
            Known::OneByOne | Known::Nothing | Known::Asked => return None,
        }
        Some(Asking { tagging: self, before, learnt: None })
    }

    /// A poisoned lock is taken all the same: nothing that holds it stops half-way.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asking<'_> {
    /// The manifest was taken, and so many of its tags were.
    pub(super) fn answered(&mut self, written: usize) {
        self.learnt = Some(match written {
            0 => Known::OneByOne,
            _ => Known::Together,
        });
    }

    /// The request was refused: each tag by itself will tell why. True when the failure is no such refusal.
    pub(super) fn failed(&mut self, failure: &Failure) -> bool {
        let status = failure.http.as_ref().and_then(|http| http.status);
        let is_refusal = status.is_some_and(|status| matches!(status, 400..=499 if status != 429))
            && failure.code.class() != Class::Transient;
        if is_refusal && self.before == Known::Promising && failure.code != Code::ContentUnknown {
            self.learnt = Some(Known::OneByOne);
        }
        !is_refusal
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if self.before == Known::Promising {
            *self.tagging.known() = self.learnt.unwrap_or(self.before);
        }
    }
}

/// The tags of `asked` that an answer names as written.
pub(super) fn written(headers: &HeaderMap, asked: &[Tag]) -> Vec<Tag> {
    let values = headers.get_all("oci-tag").iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    asked.iter().filter(|tag| named.contains(&tag.as_str())).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{HttpFacts, Operation};

    fn failure(code: Code, status: Option<u16>) -> Box<Failure> {
        let mut failure = Failure::new(code, "r.test/a", Operation::ManifestPut, "no");
        let (method, url) = ("PUT".to_owned(), "https://r.test".to_owned());
        failure.http = Some(HttpFacts { method, url, status, registry_code: None });
        failure
    }

    #[test]
    fn only_what_promises_it_is_asked_and_only_once() {
        let plain = Tagging::new(Tags::Untold);
        assert!(plain.least().is_none() && plain.ask(100).is_none());
        plain.lists_referrers();
        assert_eq!(plain.least(), Some(TAGS_TO_TRY));
        assert!(plain.ask(TAGS_TO_TRY - 1).is_none());
        let mut asking = plain.ask(TAGS_TO_TRY).expect("worth it");
        assert!(plain.ask(100).is_none(), "one asks, and the others do as before");
        asking.answered(0);
        drop(asking);
        assert!(plain.least().is_none(), "it took the manifest and no tag");
        plain.lists_referrers();
        assert!(plain.least().is_none(), "what was seen counts more than a promise");
    }

    #[test]
    fn who_takes_several_is_given_two() {
        let tagging = Tagging::new(Tags::Together);
        tagging.ask(3).expect("worth it").answered(1);
        assert_eq!(tagging.least(), Some(TAGS_TO_JOIN));
        let one = tagging.ask(2).expect("known");
        assert!(tagging.ask(2).is_some(), "several at the same time");
        drop(one);
        tagging.ask(2).expect("known").failed(&failure(Code::ImmutableTag, Some(400)));
        assert_eq!(tagging.least(), Some(TAGS_TO_JOIN), "that was about a tag");
    }

    #[test]
    fn what_is_documented_to_write_one_by_one_is_never_asked() {
        let tagging = Tagging::new(Tags::OneByOne);
        tagging.lists_referrers();
        assert!(tagging.least().is_none());
    }

    #[test]
    fn a_refusal_teaches_and_bad_weather_does_not() {
        for (code, status, is_weather, least) in [
            (Code::Protocol, Some(400), false, None),
            (Code::Protocol, Some(405), false, None),
            (Code::Denied, Some(403), false, None),
            (Code::Protocol, Some(414), false, None),
            (Code::ContentUnknown, Some(404), false, Some(TAGS_TO_TRY)),
            (Code::Protocol, Some(500), true, Some(TAGS_TO_TRY)),
            (Code::Protocol, Some(429), true, Some(TAGS_TO_TRY)),
            (Code::Network, None, true, Some(TAGS_TO_TRY)),
        ] {
            let tagging = Tagging::new(Tags::Together);
            let mut asking = tagging.ask(3).expect("worth it");
            assert_eq!(asking.failed(&failure(code, status)), is_weather, "{code:?} {status:?}");
            drop(asking);
            assert_eq!(tagging.least(), least, "{code:?} {status:?}");
        }
    }

    #[test]
    fn only_tags_that_were_asked_for_and_are_named_are_written() {
        let tags = ["1", "1.2", "latest"].map(|text| text.parse::<Tag>().expect("a tag"));
        let told = |values: &[&'static str]| -> Vec<String> {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("oci-tag", value.parse().expect("a header"));
            }
            written(&headers, &tags).iter().map(ToString::to_string).collect()
        };
        assert_eq!(told(&[]), [""; 0]);
        assert_eq!(told(&["1.2"]), ["1.2"]);
        assert_eq!(told(&["latest", "1", "other"]), ["1", "latest"]);
        assert_eq!(told(&["1, 1.2,latest"]), ["1", "1.2", "latest"]);
    }
}
