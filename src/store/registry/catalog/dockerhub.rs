//! The catalog of Docker Hub: the repositories of a namespace, as its website lists them.

use super::page::{Ask, Catalog, Next, Page, Told};
use serde::Deserialize;

/// Where the website's API is, which is not the registry's.
pub(super) const HOST: &str = "hub.docker.com";
/// Where a user name and a password become a token for it.
pub(super) const LOGIN: &str = "/v2/auth/token";
/// Repositories on a page: the most that it gives.
const PAGE_NAMES: &str = "100";

/// `GET /v2/namespaces/{namespace}/repositories` (Docker Hub API).
pub(super) struct DockerHub {
    namespace: String,
}

#[derive(Deserialize)]
struct Body {
    count: usize,
    next: Option<String>,
    results: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    name: String,
}

/// The answer to a login.
#[derive(Deserialize)]
pub(super) struct Login {
    pub(super) access_token: String,
}

impl DockerHub {
    pub(super) fn new(namespace: &str) -> Self {
        Self { namespace: namespace.to_owned() }
    }
}

impl Catalog for DockerHub {
    fn begin(&self) -> Vec<Ask> {
        let path = format!("/v2/namespaces/{}/repositories", self.namespace);
        vec![Ask::get(path, &[("page", "1"), ("page_size", PAGE_NAMES)])]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let Body { count, next, results } = page.json()?;
        let next = match next.as_deref().map(|url| url.split_once('?')) {
            None => Next::End,
            // Wherever it leads, we stay.
            Some(Some((_, query))) => Next::Page(page.ask.with_query(query)),
            Some(None) => return Err("its next page has no number".to_owned()),
        };
        let name = |item: Item| Some(format!("{}/{}", self.namespace, item.name));
        Ok(Told { names: results.into_iter().map(name).collect(), total: Some(count), next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    #[test]
    fn pages_are_followed_by_their_numbers_and_lead_nowhere_else() {
        let catalog = DockerHub::new("grafana");
        let first = &catalog.begin()[0];
        assert_eq!(first.path, "/v2/namespaces/grafana/repositories");
        let body = r#"{"count":3,"next":"https://evil.test/x?page=2&page_size=2","previous":null,
                       "results":[{"name":"a","namespace":"grafana"},{"name":"b"}]}"#;
        let told = read(&catalog, first, &[], body).expect("a page");
        let next = Next::Page(first.with_query("page=2&page_size=2"));
        assert_eq!(told, Told { names: names(&["grafana/a", "grafana/b"]), total: Some(3), next });
        let last = read(&catalog, first, &[], r#"{"count":3,"next":null,"results":[]}"#).expect("a page");
        assert_eq!(last, Told { names: Vec::new(), total: Some(3), next: Next::End });
        for wrong in
            ["{}", r#"{"count":1,"next":"x","results":[]}"#, r#"{"count":1,"next":null,"results":null}"#]
        {
            assert!(read(&catalog, first, &[], wrong).is_err(), "{wrong}");
        }
    }
}
