//! The catalog of Huawei Cloud's SWR: what its service tells whoever has keys.

use super::page::{Ask, Catalog, Next, Page, Told};
use crate::oci::Area;
use serde::Deserialize;
use url::form_urlencoded::{Serializer, parse};

/// The method of the service, and where it is.
const METHOD: &str = "GET /v2/manage/repos";
/// Repositories on a page: what it gives where nothing is said.
const PAGE_NAMES: usize = 100;

/// SWR API reference, "Querying Image Repositories": of an organisation, or of all that the keys may see.
pub(super) struct Swr {
    organisation: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    namespace: String,
    name: String,
    /// How many there are on all pages, which every item tells.
    total_range: Option<usize>,
}

impl Swr {
    pub(super) fn new(area: &Area) -> Self {
        let organisation = area.path().split('/').next().filter(|name| !name.is_empty());
        Self { organisation: organisation.map(str::to_owned) }
    }

    fn page(&self, offset: usize) -> Ask {
        let mut pairs = vec![("limit", PAGE_NAMES.to_string()), ("offset", offset.to_string())];
        pairs.extend(self.organisation.clone().map(|organisation| ("namespace", organisation)));
        let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
        Ask { path: format!("{METHOD}?{query}"), query, body: String::new() }
    }
}

impl Catalog for Swr {
    fn begin(&self) -> Vec<Ask> {
        vec![self.page(0)]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let items: Vec<Item> = page.json()?;
        let asked = parse(page.ask.query.as_bytes()).find(|(name, _)| name == "offset");
        let offset: usize = asked.and_then(|(_, value)| value.parse().ok()).unwrap_or_default();
        let read = offset + items.len();
        let total = items.iter().find_map(|item| item.total_range);
        let next = match total {
            _ if items.is_empty() => Next::End,
            Some(total) if read >= total => Next::End,
            Some(_) => Next::Page(self.page(read)),
            // What does not count may cut.
            None => Next::Unsure(self.page(read)),
        };
        let names = items.into_iter().map(|item| Some(format!("{}/{}", item.namespace, item.name)));
        Ok(Told { names: names.collect(), total, next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    #[test]
    fn an_organisation_is_asked_for_from_where_the_last_page_ended() {
        let catalog = Swr::new(&"s.test/team/**".parse().expect("an area"));
        let first = &catalog.begin()[0];
        assert_eq!(first.path, "GET /v2/manage/repos?limit=100&offset=0&namespace=team");
        let body = r#"[{"namespace":"team","name":"a","total_range":3},{"namespace":"team","name":"b/c","total_range":3}]"#;
        let told = read(&catalog, first, &[], body).expect("a page");
        let Next::Page(second) = told.next else { panic!("{told:?}") };
        assert_eq!(second.path, "GET /v2/manage/repos?limit=100&offset=2&namespace=team");
        assert_eq!((told.names, told.total), (names(&["team/a", "team/b/c"]), Some(3)));
        let last = r#"[{"namespace":"team","name":"d","total_range":3}]"#;
        let told = read(&catalog, &second, &[], last).expect("a page");
        assert_eq!(told, Told { names: names(&["team/d"]), total: Some(3), next: Next::End });
        // Where nothing counts, only an empty page is the end.
        let told = read(&catalog, first, &[], r#"[{"namespace":"team","name":"a"}]"#).expect("a page");
        assert!(matches!(told.next, Next::Unsure(_)), "{told:?}");
        assert_eq!(read(&catalog, &second, &[], "[]").expect("a page").next, Next::End);
        for wrong in ["null", "{}", r#"[{"name":"a"}]"#] {
            assert!(read(&catalog, first, &[], wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_whole_registry_is_asked_for_what_the_keys_see() {
        let catalog = Swr::new(&"s.test/**".parse().expect("an area"));
        assert_eq!(catalog.begin()[0].path, "GET /v2/manage/repos?limit=100&offset=0");
    }
}
