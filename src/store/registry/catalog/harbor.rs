//! The catalog of Harbor: the repositories of a project, or all that the account may see.

use super::page::{Ask, Catalog, Next, Page, Told};
use crate::oci::Area;
use serde::Deserialize;

/// Repositories on a page: the most that Harbor gives.
const PAGE_NAMES: usize = 100;

/// `GET /api/v2.0/projects/{project}/repositories` (Harbor API, "listRepositories").
pub(super) struct Harbor {
    path: String,
}

#[derive(Deserialize)]
struct Item {
    /// With the project in front.
    name: String,
}

impl Harbor {
    pub(super) fn new(area: &Area) -> Self {
        let path = match area.path().split('/').next() {
            // The grammar of repositories leaves nothing to encode.
            Some(project) if !project.is_empty() => format!("/api/v2.0/projects/{project}/repositories"),
            _ => "/api/v2.0/repositories".to_owned(),
        };
        Self { path }
    }

    fn page(&self, number: usize) -> Ask {
        Ask::get(&*self.path, &[("page", &number.to_string()), ("page_size", &PAGE_NAMES.to_string())])
    }
}

impl Catalog for Harbor {
    fn begin(&self) -> Vec<Ask> {
        vec![self.page(1)]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let items: Vec<Item> = page.json()?;
        let total = page.number("x-total-count");
        let number = page.ask.number();
        let read = (number - 1) * PAGE_NAMES + items.len();
        let next = match total {
            _ if items.is_empty() => Next::End,
            Some(total) if read < total => Next::Page(self.page(number + 1)),
            Some(_) => Next::End,
            // What does not count may cut.
            None => Next::Unsure(self.page(number + 1)),
        };
        Ok(Told { names: items.into_iter().map(|item| Some(item.name)).collect(), total, next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    #[test]
    fn the_project_is_asked_page_by_page_until_all_are_told() {
        let catalog = Harbor::new(&"h.test/team/sub/**".parse().expect("an area"));
        let first = &catalog.begin()[0];
        assert_eq!(first.path, "/api/v2.0/projects/team/repositories");
        assert_eq!(first.query, "page=1&page_size=100");
        let items: Vec<_> =
            (0..100).map(|n| serde_json::json!({ "name": format!("team/a{n}"), "id": n })).collect();
        let body = serde_json::to_string(&items).expect("JSON");
        let told = read(&catalog, first, &[("x-total-count", "101")], &body).expect("a page");
        let Next::Page(second) = told.next else { panic!("{told:?}") };
        assert_eq!((told.total, second.query.as_str()), (Some(101), "page=2&page_size=100"));
        let body = r#"[{"name":"team/last"}]"#;
        let told = read(&catalog, &second, &[("x-total-count", "101")], body).expect("a page");
        assert_eq!(told, Told { names: names(&["team/last"]), total: Some(101), next: Next::End });
        // A page that is empty before all were told ends the list, which then is short.
        let told = read(&catalog, &second, &[("x-total-count", "101")], "[]").expect("a page");
        assert_eq!(told, Told { names: Vec::new(), total: Some(101), next: Next::End });
        assert!(read(&catalog, first, &[], r#"[{"name":null}]"#).is_err());
        assert!(read(&catalog, first, &[], "null").is_err());
    }

    #[test]
    fn a_whole_registry_is_asked_for_what_the_account_sees() {
        let catalog = Harbor::new(&"h.test/**".parse().expect("an area"));
        assert_eq!(catalog.begin()[0].path, "/api/v2.0/repositories");
    }
}
