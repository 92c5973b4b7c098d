//! The catalogs of Tencent Cloud: the repositories of an account (CCR) and those of an instance (TCR), as its API
//! describes them to whoever has keys of the account.

use super::page::{Ask, Catalog, Next, Page, Told};
use crate::oci::Area;
use serde::Deserialize;
use serde_json::{Value, json};

/// Repositories on a page: the most that both give.
const PAGE_NAMES: usize = 100;

/// "DescribeRepositoryOwnerPersonal": all repositories of the account, from an offset on.
pub(super) struct Personal;

/// "DescribeRepositories": the repositories of a namespace, or of all, by pages from 1 on.
pub(super) struct Enterprise {
    namespace: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfOwner {
    data: Option<Owned>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Owned {
    total_count: usize,
    repo_info: Option<Vec<Repo>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Repo {
    /// With the namespace in front.
    repo_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfInstance {
    total_count: usize,
    repository_list: Option<Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    /// With the namespace in front, or without.
    name: String,
    namespace: String,
}

impl Personal {
    fn page(offset: usize) -> Ask {
        ask("DescribeRepositoryOwnerPersonal", &json!({ "Offset": offset, "Limit": PAGE_NAMES }))
    }
}

impl Catalog for Personal {
    fn begin(&self) -> Vec<Ask> {
        vec![Self::page(0)]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let OfOwner { data } = page.json()?;
        let Owned { total_count: total, repo_info } = data.ok_or("it has no `Data`")?;
        let names: Vec<_> = repo_info.unwrap_or_default().into_iter().map(|repo| repo.repo_name).collect();
        let read = given(page.ask, "Offset")? + names.len();
        let next = match names.is_empty() || read >= total {
            true => Next::End,
            false => Next::Page(Self::page(read)),
        };
        Ok(Told { names, total: Some(total), next })
    }
}

impl Enterprise {
    pub(super) fn new(area: &Area) -> Self {
        let namespace = area.path().split('/').next().filter(|namespace| !namespace.is_empty());
        Self { namespace: namespace.map(str::to_owned) }
    }

    fn page(&self, number: usize) -> Ask {
        let mut body = json!({ "Offset": number, "Limit": PAGE_NAMES });
        if let (Some(namespace), Value::Object(body)) = (&self.namespace, &mut body) {
            body.insert("NamespaceName".to_owned(), namespace.as_str().into());
        }
        ask("DescribeRepositories", &body)
    }
}

impl Catalog for Enterprise {
    fn begin(&self) -> Vec<Ask> {
        vec![self.page(1)]
    }

    fn read(&self, page: &Page<'_>) -> Result<Told, String> {
        let OfInstance { total_count: total, repository_list } = page.json()?;
        let items = repository_list.unwrap_or_default();
        let number = given(page.ask, "Offset")?;
        let read = number.saturating_sub(1) * PAGE_NAMES + items.len();
        let next = match items.is_empty() || read >= total {
            true => Next::End,
            false => Next::Page(self.page(number + 1)),
        };
        Ok(Told {
            names: items.into_iter().map(|item| Some(item.whole())).collect(),
            total: Some(total),
            next,
        })
    }
}

impl Item {
    fn whole(self) -> String {
        let Self { name, namespace } = self;
        let is_whole = name.strip_prefix(&*namespace).is_some_and(|rest| rest.starts_with('/'));
        if is_whole { name } else { format!("{namespace}/{name}") }
    }
}

fn ask(method: &str, body: &Value) -> Ask {
    Ask { path: method.to_owned(), query: String::new(), body: body.to_string() }
}

/// A number that a page was asked for with.
fn given(ask: &Ask, key: &str) -> Result<usize, String> {
    let body: Value = serde_json::from_str(&ask.body).map_err(|why| why.to_string())?;
    let number = body.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| format!("nobody asked for an {key}"))
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::{names, read};
    use super::*;

    fn enterprise(area: &str) -> Enterprise {
        Enterprise::new(&area.parse().expect("an area"))
    }

    #[test]
    fn the_account_is_asked_for_all_from_one_offset_to_the_next() {
        let first = &Personal.begin()[0];
        assert_eq!(
            (first.path.as_str(), first.body.as_str()),
            ("DescribeRepositoryOwnerPersonal", r#"{"Offset":0,"Limit":100}"#)
        );
        let body = r#"{"Data":{"TotalCount":2,"RepoInfo":[{"RepoName":"team/web"}]},"RequestId":"r"}"#;
        let told = read(&Personal, first, &[], body).expect("a page");
        assert_eq!((told.names, told.total), (names(&["team/web"]), Some(2)));
        // What a page had counts, and not what was asked for.
        let Next::Page(next) = told.next else { panic!("there is another page") };
        assert_eq!(next.body, r#"{"Offset":1,"Limit":100}"#);
        assert_eq!(read(&Personal, &next, &[], body).expect("a page").next, Next::End);
        // A page that is empty before all were told ends the list, which then is short.
        let empty = r#"{"Data":{"TotalCount":2,"RepoInfo":null}}"#;
        let told = read(&Personal, &next, &[], empty).expect("a page");
        assert_eq!(told, Told { names: Vec::new(), total: Some(2), next: Next::End });
        for wrong in ["{}", r#"{"Data":null}"#, r#"{"Data":{"RepoInfo":[]}}"#] {
            assert!(read(&Personal, first, &[], wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_instance_is_asked_page_by_page_for_a_namespace_or_for_all() {
        let catalog = enterprise("tcr.tencentcloudcr.com/team/sub/**");
        let first = &catalog.begin()[0];
        assert_eq!(first.body, r#"{"Offset":1,"Limit":100,"NamespaceName":"team"}"#);
        let items: Vec<Value> =
            (0..100).map(|n| json!({ "Name": format!("team/a{n}"), "Namespace": "team" })).collect();
        let body = json!({ "TotalCount": 101, "RepositoryList": items }).to_string();
        let told = read(&catalog, first, &[], &body).expect("a page");
        let Next::Page(next) = told.next else { panic!("there is another page") };
        assert_eq!(next.body, r#"{"Offset":2,"Limit":100,"NamespaceName":"team"}"#);
        let last = r#"{"TotalCount":101,"RepositoryList":[{"Name":"teams","Namespace":"team"}]}"#;
        let told = read(&catalog, &next, &[], last).expect("a page");
        assert_eq!(told, Told { names: names(&["team/teams"]), total: Some(101), next: Next::End });
        assert_eq!(enterprise("tcr.tencentcloudcr.com/**").begin()[0].body, r#"{"Offset":1,"Limit":100}"#);
        assert!(read(&catalog, first, &[], r#"{"RepositoryList":[]}"#).is_err());
    }
}
