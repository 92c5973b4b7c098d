//! The catalog of GitLab: the repositories of a group with its subgroups, or of a project.

use super::page::{Ask, Catalog, Next, Page, Told};
use serde::Deserialize;
use url::Url;

/// Repositories on a page: the most that it gives.
const PAGE_NAMES: usize = 100;
/// What GitLab's token server is called below its root.
const TOKEN_SERVER: &str = "/jwt/auth";

/// `GET /api/v4/groups/{group}/registry/repositories`, and the same of projects (GitLab API, "Container
/// registry").
pub(super) struct GitLab {
    /// What the paths of the API begin with.
    root: String,
    path: String,
}

#[derive(Deserialize)]
struct Item {
    path: String,
}

impl GitLab {
    /// `token_server` is at the root of the instance.
    pub(super) fn new(token_server: &Url, path: &str) -> Self {
        let root = token_server.path().strip_suffix(TOKEN_SERVER).unwrap_or_default();
        Self { root: root.to_owned(), path: path.to_owned() }
    }
}

fn page(path: &str, number: usize) -> Ask {
    Ask::get(path, &[("per_page", &PAGE_NAMES.to_string()), ("page", &number.to_string())])
}

impl Catalog for GitLab {
    /// A path may be a group, a project, or a part of the names of a project's repositories.
    fn begin(&self) -> Vec<Ask> {
        let at = |kind: &str, path: &str| {
            let encoded = path.replace('/', "%2F");
            page(&format!("{}/api/v4/{kind}/{encoded}/registry/repositories", self.root), 1)
        };
        let mut asks = vec![at("groups", &self.path)];
        let mut path = self.path.as_str();
        while let Some((above, _)) = path.rsplit_once('/') {
            asks.push(at("projects", path));
            path = above;
        }
        asks
    }

    fn read(&self, page_: &Page<'_>) -> Result<Told, String> {
        let items: Vec<Item> = page_.json()?;
        let number = page_.ask.number();
        let next = match (page_.text("x-next-page").map(str::trim), page_.linked()) {
            (Some(next), _) if !next.is_empty() => {
                let next = next.parse().map_err(|_| "its next page has no number")?;
                Next::Page(page(&page_.ask.path, next))
            }
            (Some(_), _) => Next::End,
            (None, Some(next)) => Next::Page(next),
            (None, None) if items.len() >= PAGE_NAMES => Next::Unsure(page(&page_.ask.path, number + 1)),
            (None, None) => Next::End,
        };
        let names = items.into_iter().map(|item| Some(item.path)).collect();
        Ok(Told { names, total: page_.number("x-total"), next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    fn catalog(realm: &str, path: &str) -> GitLab {
        GitLab::new(&realm.parse().expect("a URL"), path)
    }

    #[test]
    fn a_path_may_be_a_group_a_project_or_a_part_of_one() {
        let paths = |realm: &str, path: &str| -> Vec<String> {
            catalog(realm, path).begin().into_iter().map(|ask| ask.path).collect()
        };
        assert_eq!(
            paths("https://gitlab.com/jwt/auth", "acme"),
            ["/api/v4/groups/acme/registry/repositories"]
        );
        assert_eq!(
            paths("https://corp.test/git/jwt/auth", "acme/web/api"),
            [
                "/git/api/v4/groups/acme%2Fweb%2Fapi/registry/repositories",
                "/git/api/v4/projects/acme%2Fweb%2Fapi/registry/repositories",
                "/git/api/v4/projects/acme%2Fweb/registry/repositories",
            ]
        );
    }

    #[test]
    fn pages_are_followed_by_number_or_by_link() {
        let catalog = catalog("https://gitlab.com/jwt/auth", "acme");
        let first = &catalog.begin()[0];
        let body = r#"[{"id":1,"path":"acme/web","location":"x"}]"#;
        let told = read(&catalog, first, &[("x-next-page", "2"), ("x-total", "2")], body).expect("a page");
        let next = Next::Page(first.with_query("per_page=100&page=2"));
        assert_eq!(told, Told { names: names(&["acme/web"]), total: Some(2), next });
        let linked = [("link", r#"<https://x/y?cursor=7>; rel="next""#)];
        assert_eq!(
            read(&catalog, first, &linked, body).expect("a page").next,
            Next::Page(first.with_query("cursor=7"))
        );
        assert_eq!(read(&catalog, first, &[("x-next-page", "")], body).expect("a page").next, Next::End);
        assert!(read(&catalog, first, &[], r#"{"message":"404"}"#).is_err());
    }
}
