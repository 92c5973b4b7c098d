//! The catalog of Amazon ECR: what its service describes to whoever has keys of the account.

use super::page::{Ask, Catalog, Next, Page, Told};
use crate::oci::{Home, Registry};
use serde::Deserialize;
use serde_json::{Value, json};

/// The method of the service.
const METHOD: &str = "DescribeRepositories";
/// Repositories on a page: the most that it gives.
const PAGE_NAMES: u32 = 1000;
/// Digits of the number of an account, which the host of its registry begins with.
const ACCOUNT_DIGITS: usize = 12;

/// Amazon ECR API reference, "DescribeRepositories"; that of the public gallery is the same.
pub(super) struct Amazon {
    /// Whose registry it is; none for the public gallery, where everybody lists their own.
    account: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    repositories: Vec<Item>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    repository_name: String,
    /// `HOST/NAME`: in the public gallery, names have the alias of the account in front.
    repository_uri: Option<String>,
}

impl Amazon {
    pub(super) fn new(registry: &Registry) -> Self {
        let account = match registry.home() {
            Some(Home::Ecr(_)) => registry.as_str().get(..ACCOUNT_DIGITS).map(str::to_owned),
            _ => None,
        };
        Self { account }
    }

    fn page(&self, token: Option<&str>) -> Ask {
        let mut body = json!({ "maxResults": PAGE_NAMES });
        let extras = [("registryId", self.account.as_deref()), ("nextToken", token)];
        for (key, value) in extras {
            if let (Some(value), Value::Object(body)) = (value, &mut body) {
                body.insert(key.to_owned(), value.into());
            }
        }
        Ask { path: METHOD.to_owned(), query: String::new(), body: body.to_string() }
    }
}

impl Catalog for Amazon {
    fn begin(&self) -> Vec<Ask> {
        vec![self.page(None)]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let Body { repositories, next_token } = page.json()?;
        let name = |item: Item| match (&self.account, item.repository_uri) {
            (Some(_), _) => Some(item.repository_name),
            (None, Some(uri)) => uri.split_once('/').map(|(_, name)| name.to_owned()),
            (None, None) => None,
        };
        let next = match next_token.filter(|token| !token.is_empty()) {
            Some(token) => Next::Page(self.page(Some(&token))),
            None => Next::End,
        };
        Ok(Told { names: repositories.into_iter().map(name).collect(), total: None, next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    fn catalog(host: &str) -> Amazon {
        Amazon::new(&host.parse().expect("a registry"))
    }

    #[test]
    fn the_registry_of_the_host_is_asked_for_page_by_page() {
        let catalog = catalog("123456789012.dkr.ecr.eu-west-1.amazonaws.com");
        let first = &catalog.begin()[0];
        assert_eq!(first.body, r#"{"maxResults":1000,"registryId":"123456789012"}"#);
        let body = r#"{"repositories":[{"repositoryName":"team/web","repositoryUri":"h/team/web"}],"nextToken":"t"}"#;
        let told = read(&catalog, first, &[], body).expect("a page");
        assert_eq!(told.names, names(&["team/web"]));
        let Next::Page(next) = told.next else { panic!("there is another page") };
        assert_eq!(next.body, r#"{"maxResults":1000,"registryId":"123456789012","nextToken":"t"}"#);
        let last = read(&catalog, first, &[], r#"{"repositories":[]}"#).expect("a page");
        assert_eq!(last.next, Next::End);
        assert!(read(&catalog, first, &[], "{}").is_err());
    }

    #[test]
    fn in_the_public_gallery_names_have_an_alias() {
        let catalog = catalog("public.ecr.aws");
        let first = &catalog.begin()[0];
        assert_eq!(first.body, r#"{"maxResults":1000}"#);
        let body = r#"{"repositories":[{"repositoryName":"web","repositoryUri":"public.ecr.aws/acme/web"}]}"#;
        assert_eq!(read(&catalog, first, &[], body).expect("a page").names, names(&["acme/web"]));
    }
}
