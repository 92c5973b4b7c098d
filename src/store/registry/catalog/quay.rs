//! The catalog of Quay: the repositories of a namespace, as its API lists them.

use super::page::{Ask, Catalog, Next, Page, Told};
use serde::Deserialize;

/// The user whose password is a token for the API.
pub(super) const TOKEN_USER: &str = "$oauthtoken";

/// `GET /api/v1/repository` (Quay API, "listRepos").
pub(super) struct Quay {
    namespace: String,
}

#[derive(Deserialize)]
struct Body {
    repositories: Vec<Item>,
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    namespace: String,
    name: String,
}

impl Quay {
    pub(super) fn new(namespace: &str) -> Self {
        Self { namespace: namespace.to_owned() }
    }
}

impl Catalog for Quay {
    fn begin(&self) -> Vec<Ask> {
        vec![Ask::get("/api/v1/repository", &[("namespace", &self.namespace), ("public", "true")])]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let Body { repositories, next_page } = page.json()?;
        let next = match next_page.filter(|token| !token.is_empty()) {
            Some(token) => Next::Page(page.ask.with(&[
                ("namespace", &self.namespace),
                ("public", "true"),
                ("next_page", &token),
            ])),
            None => Next::End,
        };
        let names = repositories.into_iter().map(|item| Some(format!("{}/{}", item.namespace, item.name)));
        Ok(Told { names: names.collect(), total: None, next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    #[test]
    fn a_token_leads_to_the_next_page() {
        let catalog = Quay::new("acme");
        let first = &catalog.begin()[0];
        let body =
            r#"{"repositories":[{"namespace":"acme","name":"web","is_public":true}],"next_page":"gAAA=&x"}"#;
        let told = read(&catalog, first, &[], body).expect("a page");
        let next = first.with_query("namespace=acme&public=true&next_page=gAAA%3D%26x");
        assert_eq!(told, Told { names: names(&["acme/web"]), total: None, next: Next::Page(next) });
        for end in [r#"{"repositories":[]}"#, r#"{"repositories":[],"next_page":null}"#] {
            assert_eq!(read(&catalog, first, &[], end).expect("a page").next, Next::End);
        }
        assert!(read(&catalog, first, &[], r#"{"repositories":null}"#).is_err());
    }
}
