//! The referrers API: which manifests have this one as their subject. And what every registry here sees
//! to: that the tags of referrers are written by who has read them, and before the tags of their images.

use super::Request;
use super::answer::Answer;
use super::contents::{Contents, StoredManifest};
use super::errors::page_not_found;
use super::personality::Referrers;
use super::server::Shared;
use serde_json::{Value, json};

/// `GET …/referrers/…`. distribution-spec, "Listing Referrers".
pub(super) fn list(shared: &Shared, request: &Request, name: &str, digest: &str) -> Answer {
    let traits = &shared.options.traits;
    let filter = match traits.referrers {
        Referrers::Absent => return page_not_found(),
        Referrers::Unfiltered => None,
        Referrers::Filtered => request.query("artifactType"),
    };
    let contents = shared.contents();
    let mut entries = Vec::new();
    for (own, stored) in contents.repositories.get(name).into_iter().flat_map(|r| &r.manifests) {
        let document = read(stored);
        if document["subject"]["digest"].as_str() != Some(digest) {
            continue;
        }
        let config_type = document["config"]["mediaType"].as_str();
        let artifact_type = document["artifactType"].as_str().or(config_type).unwrap_or_default();
        if filter.is_none_or(|wanted| wanted == artifact_type) {
            let mut entry = json!({
                "mediaType": stored.media_type, "digest": own, "size": stored.bytes.len(),
                "artifactType": artifact_type,
            });
            if document["annotations"].is_object() {
                entry["annotations"] = document["annotations"].clone();
            }
            entries.push(entry);
        }
    }
    let before = request.query("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or_default();
    let most = traits.referrers_page.unwrap_or(usize::MAX);
    let left = entries.len().saturating_sub(before);
    let page: Vec<Value> = entries.into_iter().skip(before).take(most).collect();
    let index_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({ "schemaVersion": 2, "mediaType": index_type, "manifests": page });
    let mut answer = Answer::bytes(200, index.to_string()).header("content-type", index_type);
    if left > most {
        let filter = filter.map(|wanted| format!("artifactType={wanted}&")).unwrap_or_default();
        let next = format!("/v2/{name}/referrers/{digest}?{filter}page={}", before + most);
        answer = answer.header("link", format!("<{next}>; rel=\"next\""));
    }
    match filter {
        Some(_) => answer.header("oci-filters-applied", "artifactType"),
        None => answer,
    }
}

/// What is wrong with a manifest that is about to be stored as `digest` under `at`; none where nothing is.
pub(super) fn wrong(
    contents: &Contents,
    name: &str,
    at: &str,
    digest: &str,
    document: &Value,
) -> Option<String> {
    let by_tag = digest_of(at);
    if by_tag.is_some() && !contents.looked_at(name, at) {
        return Some(format!("{name}:{at} was written by somebody who had not looked at it"));
    }
    if contents.manifest_at(name, digest).is_some() && by_tag.is_none() {
        return None;
    }
    let subject = by_tag.or_else(|| document["subject"]["digest"].as_str().map(str::to_owned))?;
    let mut tags = contents.tagged_lately(name).filter(|(tag, _)| digest_of(tag).is_none());
    let (tag, _) = tags.find(|(_, root)| reaches(contents, name, root, &subject))?;
    Some(format!("{name}:{tag} was written before {at}, which speaks about what it names"))
}

/// The digest that a tag is made of: `sha256-<hex>`, and whatever cosign puts behind it.
pub(super) fn digest_of(tag: &str) -> Option<String> {
    let bare = tag.split('.').next().unwrap_or_default();
    let hex = bare.strip_prefix("sha256-")?;
    (hex.len() == 64).then(|| format!("sha256:{hex}"))
}

/// Whether `subject` is the image `root`, a child of it, or speaks about one of these.
fn reaches(contents: &Contents, name: &str, root: &str, subject: &str) -> bool {
    let document = |digest: &str| contents.manifest_at(name, digest).map(|(_, stored)| read(stored));
    let is_child = || {
        let index = document(root).unwrap_or_default();
        let mut children = index["manifests"].as_array().into_iter().flatten();
        children
            .any(|child| child["digest"].as_str().is_some_and(|own| reaches(contents, name, own, subject)))
    };
    let speaks = || {
        let about = document(subject)?["subject"]["digest"].as_str()?.to_owned();
        Some(reaches(contents, name, root, &about))
    };
    root == subject || is_child() || speaks() == Some(true)
}

fn read(stored: &StoredManifest) -> Value {
    serde_json::from_slice(&stored.bytes).unwrap_or(Value::Null)
}
