//! The catalog of Alibaba Cloud's registry: what the service of an instance tells whoever has keys.

use super::page::{Ask, Catalog, Next, Page, Told};
use crate::oci::Area;
use serde::Deserialize;
use url::form_urlencoded::{Serializer, parse};

/// The method of the service.
const METHOD: &str = "ListRepository";
/// Repositories on a page: the most that it gives.
const PAGE_NAMES: usize = 100;
/// Repositories that are not about to be deleted.
const STATE: &str = "NORMAL";

/// Container Registry API of 2018-12-01, "ListRepository": of a namespace, or of the whole instance.
pub(super) struct Aliyun {
    namespace: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    repositories: Vec<Item>,
    total_count: Count,
}

/// A number, which this service also writes as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Count {
    Number(usize),
    Text(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    repo_namespace_name: String,
    repo_name: String,
}

impl Aliyun {
    pub(super) fn new(area: &Area) -> Self {
        let namespace = area.path().split('/').next().filter(|namespace| !namespace.is_empty());
        Self { namespace: namespace.map(str::to_owned) }
    }

    fn page(&self, number: usize) -> Ask {
        let mut pairs = vec![
            ("PageNo", number.to_string()),
            ("PageSize", PAGE_NAMES.to_string()),
            ("RepoStatus", STATE.to_owned()),
        ];
        pairs.extend(self.namespace.clone().map(|namespace| ("RepoNamespaceName", namespace)));
        let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
        Ask { path: METHOD.to_owned(), query: String::new(), body }
    }
}

impl Catalog for Aliyun {
    fn begin(&self) -> Vec<Ask> {
        vec![self.page(1)]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let Body { repositories, total_count } = page.json()?;
        let total = match total_count {
            Count::Number(number) => number,
            Count::Text(text) => text.parse().map_err(|_| "its count is no number")?,
        };
        let asked = parse(page.ask.body.as_bytes()).find(|(name, _)| name == "PageNo");
        let number: usize = asked.and_then(|(_, value)| value.parse().ok()).unwrap_or(1);
        let read = (number - 1) * PAGE_NAMES + repositories.len();
        let next = match repositories.is_empty() || read >= total {
            true => Next::End,
            false => Next::Page(self.page(number + 1)),
        };
        let name = |item: Item| Some(format!("{}/{}", item.repo_namespace_name, item.repo_name));
        Ok(Told { names: repositories.into_iter().map(name).collect(), total: Some(total), next })
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    #[test]
    fn a_namespace_is_asked_for_page_by_page_until_all_are_told() {
        let catalog = Aliyun::new(&"a.test/team/**".parse().expect("an area"));
        let first = &catalog.begin()[0];
        assert_eq!(first.path, "ListRepository");
        assert_eq!(first.body, "PageNo=1&PageSize=100&RepoStatus=NORMAL&RepoNamespaceName=team");
        let item = |n| serde_json::json!({ "RepoNamespaceName": "team", "RepoName": format!("a{n}") });
        let items: Vec<_> = (0..100).map(item).collect();
        let body = serde_json::json!({ "Repositories": items, "TotalCount": "101", "PageNo": 1 }).to_string();
        let told = read(&catalog, first, &[], &body).expect("a page");
        let Next::Page(second) = told.next else { panic!("{told:?}") };
        assert!(second.body.starts_with("PageNo=2&"), "{}", second.body);
        let body = r#"{"Repositories":[{"RepoNamespaceName":"team","RepoName":"last"}],"TotalCount":101}"#;
        let told = read(&catalog, &second, &[], body).expect("a page");
        assert_eq!(told, Told { names: names(&["team/last"]), total: Some(101), next: Next::End });
        // A page that is empty before all were told ends the list, which then is short.
        let told = read(&catalog, &second, &[], r#"{"Repositories":[],"TotalCount":101}"#).expect("a page");
        assert_eq!(told, Told { names: Vec::new(), total: Some(101), next: Next::End });
        for wrong in
            [r#"{"Repositories":[]}"#, r#"{"TotalCount":0}"#, r#"{"Repositories":[],"TotalCount":"x"}"#]
        {
            assert!(read(&catalog, first, &[], wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_whole_instance_is_asked_for_no_namespace() {
        let catalog = Aliyun::new(&"a.test/**".parse().expect("an area"));
        assert_eq!(catalog.begin()[0].body, "PageNo=1&PageSize=100&RepoStatus=NORMAL");
    }
}
