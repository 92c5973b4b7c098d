//! Making a repository of Amazon ECR, with all that it is asked to have from its first day on.

use super::failure;
use crate::access::Creation;
use crate::failure::{Code, Fallible};
use crate::oci::Home;
use crate::store::registry::account::Account;
use crate::store::registry::credentials::ambient::Service;
use crate::store::registry::credentials::{Credential, CredentialKind};
use serde_json::{Map, Value, json};

/// Digits of the number of an account, which the host of its registry begins with.
const ACCOUNT_DIGITS: usize = 12;
/// What the service says when somebody else was quicker.
const THERE: &str = "RepositoryAlreadyExistsException";
/// What it says when a right is missing.
const FORBIDDEN: &str = "AccessDeniedException";

/// Amazon ECR API reference: "CreateRepository", then "PutLifecyclePolicy" and "SetRepositoryPolicy".
pub(super) async fn make(
    account: &Account,
    credential: &Credential,
    path: &str,
    wanted: &Creation,
) -> Fallible<()> {
    let service = match credential.kind() {
        CredentialKind::Minted(minted) => minted.service(),
        _ => None,
    };
    let service = service.ok_or_else(|| {
        let message = "making a repository of ECR needs keys of the account, and a password is none";
        failure(account, path, Code::CredentialUnavailable, message)
            .hint("write `credentials: { identity: ecr }`: docs/credentials.md says where keys come from")
    })?;
    let registry = &account.host.registry;
    let private = matches!(registry.home(), Some(Home::Ecr(_)));
    let id = registry.as_str().get(..ACCOUNT_DIGITS).filter(|_| private);
    // In the public gallery, the alias of the account stands in front of what the service calls the name.
    let name = if private { path } else { path.split_once('/').map_or(path, |(_, name)| name) };
    let prefix = if private { "ecr" } else { "ecr-public" };
    for (method, body) in calls(name, id, wanted) {
        call(service, prefix, method, &body).await?;
    }
    Ok(())
}

async fn call(service: &dyn Service, prefix: &str, method: &str, body: &Value) -> Fallible<()> {
    let Err(failure) = service.call(method, &body.to_string(), "make the repository").await else {
        return Ok(());
    };
    match failure.http.as_ref().and_then(|http| http.registry_code.as_deref()) {
        Some(THERE) => Ok(()),
        Some(FORBIDDEN) => Err(failure.hint(format!(
            "the identity needs the right `{prefix}:{method}`; or create the repository first"
        ))),
        _ => Err(failure),
    }
}

/// The calls in order, each with what it is given.
fn calls(name: &str, account: Option<&str>, wanted: &Creation) -> Vec<(&'static str, Value)> {
    let base = || {
        let mut body = Map::from_iter([("repositoryName".to_owned(), Value::from(name))]);
        body.extend(account.map(|account| ("registryId".to_owned(), account.into())));
        body
    };
    let mut body = base();
    if account.is_some() {
        let mutability = if wanted.immutable { "IMMUTABLE" } else { "MUTABLE" };
        body.insert("imageTagMutability".to_owned(), mutability.into());
        body.insert("imageScanningConfiguration".to_owned(), json!({ "scanOnPush": wanted.scan }));
        if let Some(key) = &wanted.kms_key {
            body.insert(
                "encryptionConfiguration".to_owned(),
                json!({ "encryptionType": "KMS", "kmsKey": key }),
            );
        }
    }
    // It was an object when it was read.
    let catalog = wanted.catalog.as_deref().filter(|_| account.is_none());
    if let Some(Ok(catalog)) = catalog.map(serde_json::from_str::<Value>) {
        body.insert("catalogData".to_owned(), catalog);
    }
    if !wanted.labels.is_empty() {
        let tag = |(key, value): (&String, &String)| json!({ "Key": key, "Value": value });
        body.insert("tags".to_owned(), wanted.labels.iter().map(tag).collect());
    }
    let mut calls = vec![("CreateRepository", Value::Object(body))];
    let texts = [
        ("PutLifecyclePolicy", "lifecyclePolicyText", &wanted.lifecycle),
        ("SetRepositoryPolicy", "policyText", &wanted.policy),
    ];
    for (method, key, text) in texts {
        if let Some(text) = text {
            let mut body = base();
            body.insert(key.to_owned(), Value::from(text.as_str()));
            calls.push((method, Value::Object(body)));
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_made_with_all_that_was_asked_for() {
        let wanted = Creation {
            immutable: true,
            scan: true,
            kms_key: Some("alias/k".into()),
            labels: [("team".to_owned(), "web".to_owned())].into(),
            lifecycle: Some("{\"rules\":[]}".into()),
            policy: Some("{}".into()),
            ..Creation::default()
        };
        let calls = calls("team/web", Some("123456789012"), &wanted);
        let names: Vec<&str> = calls.iter().map(|(method, _)| *method).collect();
        assert_eq!(names, ["CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy"]);
        assert_eq!(
            calls[0].1,
            json!({
                "repositoryName": "team/web", "registryId": "123456789012",
                "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": { "scanOnPush": true },
                "encryptionConfiguration": { "encryptionType": "KMS", "kmsKey": "alias/k" },
                "tags": [{ "Key": "team", "Value": "web" }],
            })
        );
        assert_eq!(calls[1].1["lifecyclePolicyText"], "{\"rules\":[]}");
        assert_eq!(calls[2].1["policyText"], "{}");
    }

    #[test]
    fn the_public_gallery_takes_a_name_and_tags() {
        let calls = calls("web", None, &Creation { immutable: true, ..Creation::default() });
        assert_eq!(calls, [("CreateRepository", json!({ "repositoryName": "web" }))]);
    }
}
