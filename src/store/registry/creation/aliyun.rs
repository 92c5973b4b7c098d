//! Making a repository of Alibaba Cloud's registry, and the namespace that it lies in.

use super::{Maker, Place};
use crate::access::Creation;
use crate::failure::{Code, Fallible};
use crate::store::registry::credentials::ambient::Service;
use async_trait::async_trait;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded::Serializer;

/// What is found by a name: also what has it as a part of its own. The most that a page has.
const PAGE_NAMES: &str = "100";

pub(super) struct Aliyun<'a> {
    place: &'a Place<'a>,
    service: &'a dyn Service,
    namespace: &'a str,
    repository: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Namespaces {
    namespaces: Vec<Namespace>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Namespace {
    namespace_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Repositories {
    repositories: Vec<Repository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Repository {
    repo_namespace_name: String,
    repo_name: String,
}

impl<'a> Aliyun<'a> {
    pub(super) fn of(place: &'a Place<'a>) -> Fallible<Self> {
        let Some((namespace, repository)) = place.name.split_once('/') else {
            return Err(place.failure(Code::Refused, "a repository of this registry lies in a namespace"));
        };
        Ok(Self { place, service: place.service("aliyun")?, namespace, repository })
    }

    async fn call(&self, method: &str, pairs: &[(&str, &str)], doing: &str) -> Fallible<Vec<u8>> {
        let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.service.call(method, &query, doing).await.map_err(|failure| {
            match failure.http.as_ref().and_then(|http| http.registry_code.as_deref()) {
                Some("NoPermission" | "Forbidden.RAM") => {
                    failure.hint(format!("the keys need the right `cr:{method}`; or create it first"))
                }
                _ => failure,
            }
        })
    }

    async fn list<T: DeserializeOwned>(&self, method: &str, pairs: &[(&str, &str)]) -> Fallible<T> {
        let pairs = [pairs, &[("PageSize", PAGE_NAMES)]].concat();
        let body = self.call(method, &pairs, "say what is there").await?;
        serde_json::from_slice(&body)
            .map_err(|_| self.place.failure(Code::Protocol, "what it lists is not what it should be"))
    }

    /// Container Registry API of 2018-12-01, "ListNamespace".
    async fn has_namespace(&self) -> Fallible<bool> {
        let found: Namespaces = self.list("ListNamespace", &[("NamespaceName", self.namespace)]).await?;
        Ok(found.namespaces.iter().any(|one| one.namespace_name == self.namespace))
    }
}

#[async_trait]
impl Maker for Aliyun<'_> {
    /// "ListRepository", of a namespace that is there.
    async fn is_there(&self) -> Fallible<bool> {
        if !self.has_namespace().await? {
            return Ok(false);
        }
        let pairs = [("RepoNamespaceName", self.namespace), ("RepoName", self.repository)];
        let found: Repositories = self.list("ListRepository", &pairs).await?;
        let is_it =
            |one: &Repository| one.repo_namespace_name == self.namespace && one.repo_name == self.repository;
        Ok(found.repositories.iter().any(is_it))
    }

    /// "CreateNamespace", where there is none, and "CreateRepository".
    async fn make(&self, wanted: &Creation) -> Fallible<()> {
        let Self { namespace, repository, .. } = *self;
        let kind = if wanted.public { "PUBLIC" } else { "PRIVATE" };
        if !self.has_namespace().await? {
            let pairs =
                [("NamespaceName", namespace), ("AutoCreateRepo", "false"), ("DefaultRepoType", kind)];
            let made = self.call("CreateNamespace", &pairs, "make the namespace").await;
            // Another image of the namespace may have been quicker.
            if let Err(failure) = made
                && !self.has_namespace().await?
            {
                return Err(failure);
            }
        }
        let pairs = [
            ("RepoNamespaceName", namespace),
            ("RepoName", repository),
            ("RepoType", kind),
            // It wants a line about each.
            ("Summary", repository),
            ("TagImmutability", if wanted.immutable { "true" } else { "false" }),
        ];
        self.call("CreateRepository", &pairs, "make the repository").await.map(drop)
    }
}
