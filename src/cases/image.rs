//! Images and repositories of a case: a tag alone, or a tag with what is told of it.

use super::Told;
use super::reading::{Kind, Node, Reading, member};
use super::times;
use crate::filter::Named;
use crate::oci::{LayoutName, Platform, Repository, Tag};
use std::collections::BTreeMap;

const IMAGE: [&str; 7] = ["tag", "digest", "media_type", "platforms", "annotations", "labels", "created"];
const PLATFORM: [&str; 4] = ["os", "architecture", "variant", "os_version"];

impl Told {
    /// A tag of which nothing else is told.
    pub(super) fn plain(tag: Tag) -> Self {
        Self {
            tag,
            digest: None,
            media_type: None,
            platforms: None,
            annotations: None,
            labels: None,
            created: None,
        }
    }
}

/// The images of a request, sorted; a tag that is there twice is told.
pub(super) fn images(node: &Node<'_>, reading: &mut Reading<'_>) -> Option<Vec<Told>> {
    let mut images: BTreeMap<Tag, Told> = BTreeMap::new();
    for item in reading.list(node)? {
        let Some(told) = image(&item, reading) else { continue };
        if images.contains_key(&told.tag) {
            reading.wrong(&item, format!("the tag {} is there twice", told.tag), None);
        } else {
            images.insert(told.tag.clone(), told);
        }
    }
    Some(images.into_values().collect())
}

fn image(node: &Node<'_>, reading: &mut Reading<'_>) -> Option<Told> {
    match node.kind() {
        Kind::Text => return reading.parsed(node).map(Told::plain),
        Kind::Object => {}
        other => {
            let hint = "write a tag such as \"1.27\", or { \"tag\": \"1.27\", … }".to_owned();
            reading.wrong(node, format!("{other} stands where an image belongs"), Some(hint));
            return None;
        }
    }
    let members = reading.object(node, &IMAGE)?;
    let Some(tag) = member(&members, "tag") else {
        reading.wrong(node, "it has no `tag`", None);
        return None;
    };
    let mut told = Told::plain(reading.parsed(tag)?);
    for found in &members {
        let value = &found.value;
        match found.key.as_str() {
            "digest" => told.digest = reading.parsed(value),
            "media_type" => told.media_type = reading.parsed(value),
            "platforms" => told.platforms = platforms(value, reading),
            "annotations" => told.annotations = texts(value, reading),
            "labels" => told.labels = texts(value, reading),
            "created" => told.created = times::read(value, reading),
            _ => {}
        }
    }
    Some(told)
}

fn texts(node: &Node<'_>, reading: &mut Reading<'_>) -> Option<BTreeMap<String, String>> {
    let members = reading.table(node)?;
    let text = |found: &super::reading::Member<'_>, reading: &mut Reading<'_>| {
        Some((found.key.clone(), reading.text(&found.value)?))
    };
    members.iter().map(|found| text(found, reading)).collect()
}

fn platforms(node: &Node<'_>, reading: &mut Reading<'_>) -> Option<Vec<Platform>> {
    let items = reading.list(node)?;
    let platforms: Option<Vec<Platform>> = items.iter().map(|item| platform(item, reading)).collect();
    let mut platforms = platforms?;
    platforms.sort();
    platforms.dedup();
    Some(platforms)
}

/// `linux/arm/v7`, or an object for what that cannot say.
fn platform(node: &Node<'_>, reading: &mut Reading<'_>) -> Option<Platform> {
    if node.kind() != Kind::Object {
        return reading.parsed(node);
    }
    let members = reading.object(node, &PLATFORM)?;
    let mut text = |key: &str| match member(&members, key) {
        Some(value) => reading.text(value).map(Some),
        None => Some(None),
    };
    let (os, architecture) = (text("os")?, text("architecture")?);
    let (variant, os_version) = (text("variant")?, text("os_version")?);
    match (os, architecture) {
        (Some(os), Some(architecture)) => Some(Platform { os, architecture, variant, os_version }),
        _ => {
            reading.wrong(node, "a platform has `os` and `architecture`", None);
            None
        }
    }
}

/// A repository as a filter sees it.
pub(super) fn repository(node: &Node<'_>, reading: &mut Reading<'_>) -> Option<Named> {
    let members = reading.object(node, &["registry", "path"])?;
    let (Some(registry_node), Some(path_node)) = (member(&members, "registry"), member(&members, "path"))
    else {
        let hint = "write { \"registry\": \"docker.io\", \"path\": \"library/nginx\" }".to_owned();
        reading.wrong(node, "a repository has `registry` and `path`", Some(hint));
        return None;
    };
    let (registry, path) = (reading.text(registry_node)?, reading.text(path_node)?);
    if registry.starts_with("oci:") {
        if path.is_empty() || path.parse::<LayoutName>().is_ok() {
            return Some(Named { registry, path });
        }
        reading.wrong(path_node, "it is not the name of a repository in a layout", None);
        return None;
    }
    match format!("{registry}/{path}").parse::<Repository>() {
        Ok(Repository::Registry { registry: known, path: known_path }) => {
            if (known.as_str(), known_path.as_str()) == (registry.as_str(), path.as_str()) {
                return Some(Named { registry, path });
            }
            let wanted = format!("write {:?} and {:?}", known.as_str(), known_path.as_str());
            reading.wrong(node, "a filter sees this repository by another name", Some(wanted));
        }
        Ok(Repository::Local { .. }) => {
            reading.wrong(registry_node, "it is not a registry", None);
        }
        Err(why) => reading.wrong(node, why, None),
    }
    None
}
