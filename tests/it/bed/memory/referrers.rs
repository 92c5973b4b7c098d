//! The referrers API: which manifests have this one as their subject.

use super::Request;
use super::answer::Answer;
use super::errors::page_not_found;
use super::personality::Referrers;
use super::server::Shared;
use serde_json::{Value, json};

/// `GET …/referrers/…`. distribution-spec, "Listing Referrers".
pub(super) fn list(shared: &Shared, request: &Request, name: &str, digest: &str) -> Answer {
    let filter = match shared.options.traits.referrers {
        Referrers::Absent => return page_not_found(),
        Referrers::Unfiltered => None,
        Referrers::Filtered => request.query("artifactType"),
    };
    let contents = shared.contents();
    let mut entries = Vec::new();
    for (own, stored) in contents.repositories.get(name).into_iter().flat_map(|r| &r.manifests) {
        let document: Value = serde_json::from_slice(&stored.bytes).unwrap_or(Value::Null);
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
    let index_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({ "schemaVersion": 2, "mediaType": index_type, "manifests": entries });
    let answer = Answer::bytes(200, index.to_string()).header("content-type", index_type);
    match filter {
        Some(_) => answer.header("oci-filters-applied", "artifactType"),
        None => answer,
    }
}
