//! Making a namespace of an instance of Tencent Cloud (TCR): repositories in it come by themselves.

use super::{Maker, Place, failure};
use crate::access::Creation;
use crate::failure::{Code, Fallible};
use crate::store::registry::account::Account;
use crate::store::registry::credentials::ambient::Service;
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

/// What the API says when somebody else was quicker.
const THERE: [&str; 6] = [
    "FailedOperation.ErrorTcrResourceConflict",
    "InternalError.ErrConflict",
    "InternalError.ErrorConflict",
    "InternalError.ErrorTcrResourceConflict",
    "InvalidParameter.ErrNamespaceExist",
    "InvalidParameter.ErrorNameExists",
];
/// Namespaces on a page.
const PAGE_NAMES: usize = 100;
/// Most pages that are read: the filter lets through what is like the name, and nobody has so many.
const PAGES_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Namespaces {
    total_count: usize,
    namespace_list: Option<Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    name: String,
}

pub(super) struct Tcr<'a>(&'a Place<'a>);

impl<'a> Tcr<'a> {
    pub(super) fn of(place: &'a Place<'a>) -> Fallible<Self> {
        service(place.account, place.name).map(|_| Self(place))
    }
}

#[async_trait]
impl Maker for Tcr<'_> {
    async fn is_there(&self) -> Fallible<bool> {
        is_missing(self.0.account, self.0.name).await.map(|is_missing| !is_missing)
    }

    async fn make(&self, wanted: &Creation) -> Fallible<()> {
        make(self.0.account, self.0.name, wanted).await
    }
}

/// Tencent Cloud TCR API, "CreateNamespace".
async fn make(account: &Account, namespace: &str, wanted: &Creation) -> Fallible<()> {
    let service = service(account, namespace)?;
    let body = json!({ "NamespaceName": namespace, "IsPublic": wanted.public, "IsAutoScan": wanted.scan })
        .to_string();
    let Err(failure) = service.call("CreateNamespace", &body, "make the namespace").await else {
        return Ok(());
    };
    match failure.http.as_ref().and_then(|http| http.registry_code.as_deref()) {
        Some(code) if THERE.contains(&code) => Ok(()),
        _ if failure.code == Code::Denied => {
            Err(failure.hint("the keys need the right `tcr:CreateNamespace`; or create the namespace first"))
        }
        _ => Err(failure),
    }
}

/// Whether a namespace is missing, although the registry speaks of rights: it does not tell the two apart.
/// Tencent Cloud TCR API, "DescribeNamespaces".
async fn is_missing(account: &Account, namespace: &str) -> Fallible<bool> {
    let service = service(account, namespace)?;
    // Pages are counted from 1.
    for number in 1..=PAGES_MAX {
        let body = json!({ "NamespaceName": namespace, "Offset": number, "Limit": PAGE_NAMES }).to_string();
        let answer = service.call("DescribeNamespaces", &body, "list the namespaces").await?;
        let Namespaces { total_count, namespace_list } = serde_json::from_slice(&answer).map_err(|_| {
            failure(account, namespace, Code::Protocol, "the list of namespaces is not what it should be")
        })?;
        let found = namespace_list.unwrap_or_default();
        if found.iter().any(|item| item.name == namespace) {
            return Ok(false);
        }
        if found.is_empty() || number * PAGE_NAMES >= total_count {
            break;
        }
    }
    Ok(true)
}

fn service<'a>(account: &'a Account, namespace: &str) -> Fallible<&'a dyn Service> {
    match &account.service {
        Ok(Some(service)) => Ok(&**service),
        Ok(None) => {
            let message = "making a namespace of TCR needs keys of the account, and a password is none";
            Err(failure(account, namespace, Code::CredentialUnavailable, message).hint(
                "set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or write `cloud_keys` for it under \
                 `registries`",
            ))
        }
        Err(why) => Err(why.clone()),
    }
}
