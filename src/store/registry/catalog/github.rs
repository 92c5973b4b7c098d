//! The catalog of `ghcr.io`: the container packages of an organisation or a user.

use super::page::{Ask, Catalog, Next, Page, Told};
use serde::Deserialize;

/// Where the API is, which is not the registry's.
pub(super) const HOST: &str = "api.github.com";
/// Packages on a page: the most that it gives.
const PAGE_NAMES: usize = 100;

/// `GET /orgs/{org}/packages`, or `/users/{user}/packages` (GitHub REST API, "Packages").
pub(super) struct GitHub {
    owner: String,
}

#[derive(Deserialize)]
struct Item {
    /// Below the owner; it may have slashes.
    name: String,
}

impl GitHub {
    pub(super) fn new(owner: &str) -> Self {
        Self { owner: owner.to_owned() }
    }
}

fn page(path: &str, number: usize) -> Ask {
    let (length, number) = (PAGE_NAMES.to_string(), number.to_string());
    Ask::get(path, &[("package_type", "container"), ("per_page", &length), ("page", &number)])
}

impl Catalog for GitHub {
    fn begin(&self) -> Vec<Ask> {
        // Whose name it is does not show.
        ["orgs", "users"].map(|kind| page(&format!("/{kind}/{}/packages", self.owner), 1)).into()
    }

    fn read(&self, page_: &Page<'_>) -> Result<Told, String> {
        let items: Vec<Item> = page_.json()?;
        let next = match page_.linked() {
            Some(next) => Next::Page(next),
            None if items.len() >= PAGE_NAMES => Next::Unsure(page(&page_.ask.path, page_.ask.number() + 1)),
            None => Next::End,
        };
        let name = |item: Item| Some(format!("{}/{}", self.owner, item.name));
        Ok(Told { names: items.into_iter().map(name).collect(), total: None, next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    #[test]
    fn an_owner_is_an_organisation_or_a_user_and_links_lead_on() {
        let catalog = GitHub::new("acme");
        let asks = catalog.begin();
        assert_eq!([&asks[0].path, &asks[1].path], ["/orgs/acme/packages", "/users/acme/packages"]);
        let link = [(
            "link",
            r#"<https://api.github.com/x?page=2&per_page=100>; rel="next", <y?page=9>; rel="last""#,
        )];
        let told = read(&catalog, &asks[0], &link, r#"[{"name":"web","id":1},{"name":"web/cache"}]"#)
            .expect("a page");
        let next = Next::Page(asks[0].with_query("page=2&per_page=100"));
        assert_eq!(told, Told { names: names(&["acme/web", "acme/web/cache"]), total: None, next });
        assert_eq!(read(&catalog, &asks[0], &[], "[]").expect("a page").next, Next::End);
        assert!(read(&catalog, &asks[0], &[], r#"{"message":"Not Found"}"#).is_err());
    }
}
