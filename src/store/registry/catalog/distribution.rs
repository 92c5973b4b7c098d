//! The catalog of the distribution project, which most registries have, and that of Azure, which is the same
//! elsewhere.

use super::page::{Ask, Catalog, Next, Page, Told};
use serde::{Deserialize, Deserializer};

/// Names on a page: more than this is refused by some, or cut.
const PAGE_NAMES: usize = 1000;
/// Limits that nobody mentions are round: a last page with a multiple of so many names may be cut.
const ROUND_NAMES: usize = 10;

/// `_catalog`. distribution, "Listing Repositories".
pub(super) struct Distribution {
    path: &'static str,
    asks_for_length: bool,
}

#[derive(Deserialize)]
struct Body {
    /// Null where there is none; a page without the key is no page.
    #[serde(deserialize_with = "nullable")]
    repositories: Option<Vec<Option<String>>>,
}

fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Option<String>>>, D::Error> {
    Option::deserialize(deserializer)
}

impl Distribution {
    pub(super) const PLAIN: Self = Self { path: "/v2/_catalog", asks_for_length: true };
    /// Azure, "Repository - Get List".
    pub(super) const AZURE: Self = Self { path: "/acr/v1/_catalog", asks_for_length: true };
    /// Quay refuses a page of more than 100.
    pub(super) const QUAY: Self = Self { path: "/v2/_catalog", asks_for_length: false };
}

impl Catalog for Distribution {
    fn begin(&self) -> Vec<Ask> {
        let length = PAGE_NAMES.to_string();
        let pairs: &[(&str, &str)] = if self.asks_for_length { &[("n", &length)] } else { &[] };
        vec![Ask::get(self.path, pairs)]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let Body { repositories } = page.json()?;
        let names = repositories.unwrap_or_default();
        let last = names.iter().rev().flatten().next();
        let next = match (page.linked(), last) {
            (Some(linked), _) => Next::Page(linked),
            (None, Some(last)) if self.asks_for_length && names.len().is_multiple_of(ROUND_NAMES) => {
                Next::Unsure(page.ask.with(&[("n", &PAGE_NAMES.to_string()), ("last", last)]))
            }
            (None, Some(last)) if names.len().is_multiple_of(ROUND_NAMES) => {
                Next::Unsure(page.ask.with(&[("last", last)]))
            }
            (None, _) => Next::End,
        };
        Ok(Told { names, total: None, next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    fn told(headers: &[(&str, &str)], body: &str) -> Result<Told, String> {
        let catalog = Distribution::PLAIN;
        read(&catalog, &catalog.begin()[0], headers, body)
    }

    #[test]
    fn a_page_leads_to_the_next_by_its_link() {
        let link = [("link", r#"</v2/_catalog?last=b&n=2>; rel="next""#)];
        let page = told(&link, r#"{"repositories":["a","b"]}"#).expect("a page");
        let next =
            Next::Page(Ask { path: "/v2/_catalog".into(), query: "last=b&n=2".into(), body: String::new() });
        assert_eq!(page, Told { names: names(&["a", "b"]), total: None, next });
        let last = told(&[], r#"{"repositories":["c",null]}"#).expect("a page");
        assert_eq!(last, Told { names: vec![Some("c".into()), None], total: None, next: Next::End });
    }

    #[test]
    fn a_page_that_may_be_cut_is_asked_on() {
        let list = serde_json::to_string(&vec!["a/b"; 100]).expect("JSON");
        let page = told(&[], &format!(r#"{{"repositories":{list}}}"#)).expect("a page");
        assert!(matches!(page.next, Next::Unsure(ask) if ask.query == "n=1000&last=a%2Fb"), "not sure");
    }

    #[test]
    fn no_list_is_told_from_an_empty_one() {
        for empty in [r#"{"repositories":[]}"#, r#"{"repositories":null}"#] {
            let page = told(&[], empty).expect("a page");
            assert_eq!(page, Told { names: Vec::new(), total: None, next: Next::End }, "{empty}");
        }
        for none in [
            "{}",
            "[]",
            "",
            "<html>",
            r#"{"errors":[]}"#,
            r#"{"repositories":"a"}"#,
            r#"{"repositories":[7]}"#,
        ] {
            assert!(told(&[], none).is_err(), "{none}");
        }
    }
}
