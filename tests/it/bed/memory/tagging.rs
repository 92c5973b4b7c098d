//! Several tags of one manifest in one PUT. distribution-spec, "Pushing Manifests".

use super::Request;
use super::answer::Answer;
use super::errors::error;
use super::personality::Tagging;
use crate::bed::digest::is_digest;
use serde_json::json;

/// The tags that a PUT of a manifest asks for beside its path, as far as they are written.
pub(super) fn asked(tagging: Tagging, request: &Request, at: &str) -> Result<Vec<String>, Box<Answer>> {
    let tags = request.query.iter().filter(|(key, _)| key == "tag").map(|(_, tag)| tag.clone());
    let tags: Vec<String> = tags.collect();
    let refused = |status, why: &str| Err(Box::new(error(status, "MANIFEST_INVALID", why, json!({}))));
    match tagging {
        _ if tags.is_empty() => Ok(tags),
        Tagging::Ignored => Ok(Vec::new()),
        Tagging::Refused => refused(400, "unknown parameter"),
        Tagging::Taken { .. } if !is_digest(at) => refused(400, "tags are only taken beside a digest"),
        Tagging::Taken { most } if tags.len() > most => refused(414, "too many tags"),
        Tagging::Taken { .. } => Ok(tags),
        Tagging::Some(count) => Ok(tags.into_iter().take(count).collect()),
    }
}
