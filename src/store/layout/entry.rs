//! One entry of `index.json`, kept verbatim, and the names that it gives to a manifest. No I/O.

use crate::oci::{Descriptor, Digest, LayoutName, MediaType, Object, Tag};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// The annotation that names a manifest. OCI image-spec, annotations.md.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// What containerd and buildx write beside it: always the full reference.
const CONTAINERD_NAME: &str = "io.containerd.image.name";

/// What an entry points at: the part of a descriptor that finds and checks a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct Pointer {
    pub(in crate::store) media_type: MediaType,
    pub(in crate::store) digest: Digest,
    #[serde(rename = "size")]
    pub(in crate::store) size_bytes: u64,
}

/// A tag in one of the layout's repositories.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Name {
    /// None for a bare tag, as `skopeo copy … oci:dir:tag` writes it.
    pub(in crate::store) repository: Option<LayoutName>,
    pub(in crate::store) tag: Tag,
}

/// An entry of `index.json`.
#[derive(Debug, Clone)]
pub(in crate::store) struct Entry {
    /// As it was read, unknown fields and all.
    raw: Box<RawValue>,
    /// What it points at, or why that cannot be told.
    pub(in crate::store) pointer: Result<Pointer, String>,
    /// What it is called: none, one or two names.
    pub(in crate::store) names: Vec<Name>,
    /// Names that are neither a tag nor `repository:tag`.
    pub(in crate::store) illegal: Vec<String>,
}

#[derive(Deserialize)]
struct Annotated {
    #[serde(default)]
    annotations: Option<BTreeMap<String, serde_json::Value>>,
}

impl Entry {
    /// Takes an entry as it stands in `index.json`.
    pub(in crate::store) fn read(raw: Box<RawValue>) -> Self {
        let pointer =
            serde_json::from_str(raw.get()).map(|Object(pointer)| pointer).map_err(|e| e.to_string());
        // An entry whose annotations cannot be read has no name, and is kept all the same.
        let annotations = serde_json::from_str::<Annotated>(raw.get()).ok().and_then(|a| a.annotations);
        let mut entry = Self { raw, pointer, names: Vec::new(), illegal: Vec::new() };
        let text = |key| annotations.as_ref()?.get(key)?.as_str();
        if let Some(text) = text(REF_NAME) {
            match parse_bare(text).or_else(|| parse_full(text)) {
                Some(name) => entry.names.push(name),
                None => entry.illegal.push(text.to_owned()),
            }
        }
        // Without a tag (`name@digest`) it names nothing that could be asked for.
        if let Some(name) = text(CONTAINERD_NAME).and_then(parse_full)
            && !entry.names.contains(&name)
        {
            entry.names.push(name);
        }
        entry
    }

    /// A new entry of our own. Nothing is said about platforms: that is what manifests are for.
    pub(in crate::store) fn new(name: Name, pointer: Pointer) -> Result<Self, serde_json::Error> {
        let Pointer { media_type, digest, size_bytes } = pointer.clone();
        let mut descriptor = Descriptor::new(media_type, digest, size_bytes);
        descriptor.annotations.insert(REF_NAME.to_owned(), name.text());
        let raw = to_raw_value(&descriptor)?;
        Ok(Self { raw, pointer: Ok(pointer), names: vec![name], illegal: Vec::new() })
    }

    /// The same entry without one of its two names; every other field as it was.
    pub(in crate::store) fn without(&self, name: &Name) -> Result<Self, serde_json::Error> {
        let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(self.raw.get())?;
        let mut annotations: BTreeMap<String, serde_json::Value> = match fields.get("annotations") {
            Some(raw) => serde_json::from_str(raw.get())?,
            None => BTreeMap::new(),
        };
        let text = name.text();
        annotations.retain(|key, value| {
            !(matches!(key.as_str(), REF_NAME | CONTAINERD_NAME) && value.as_str() == Some(&text))
        });
        fields.insert("annotations".to_owned(), to_raw_value(&annotations)?);
        Ok(Self::read(to_raw_value(&fields)?))
    }

    /// Whether this is the one name that the entry has.
    pub(in crate::store) fn is_only(&self, name: &Name) -> bool {
        self.illegal.is_empty() && self.names == std::slice::from_ref(name)
    }

    /// The text for `index.json`.
    pub(in crate::store) fn raw(&self) -> &str {
        self.raw.get()
    }
}

impl Name {
    /// As it stands in the annotation.
    pub(in crate::store) fn text(&self) -> String {
        match &self.repository {
            Some(repository) => format!("{}:{}", repository.as_str(), self.tag),
            None => self.tag.to_string(),
        }
    }
}

fn parse_bare(text: &str) -> Option<Name> {
    Some(Name { repository: None, tag: text.parse().ok()? })
}

fn parse_full(text: &str) -> Option<Name> {
    let (repository, tag) = text.rsplit_once(':')?;
    Some(Name { repository: Some(repository.parse().ok()?), tag: tag.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(annotations: &str) -> Vec<String> {
        let json = format!(r#"{{"annotations":{annotations}}}"#);
        let entry = Entry::read(RawValue::from_string(json).expect("JSON"));
        entry.names.iter().map(Name::text).collect()
    }

    #[test]
    fn names_are_read_as_skopeo_and_buildx_write_them() {
        assert_eq!(names(r#"{"org.opencontainers.image.ref.name":"3.20"}"#), ["3.20"]);
        assert_eq!(
            names(r#"{"org.opencontainers.image.ref.name":"localhost:5000/a/b:v1"}"#),
            ["localhost:5000/a/b:v1"]
        );
        assert_eq!(
            names(
                r#"{"io.containerd.image.name":"docker.io/library/alpine:3.20",
                    "org.opencontainers.image.ref.name":"3.20"}"#
            ),
            ["3.20", "docker.io/library/alpine:3.20"]
        );
        assert_eq!(names(r#"{"io.containerd.image.name":"docker.io/library/alpine@sha256:00"}"#), [""; 0]);
        assert_eq!(names("null"), [""; 0]);
        assert_eq!(names(r#"{"org.opencontainers.image.ref.name":7}"#), [""; 0]);
    }

    #[test]
    fn a_list_of_fields_points_at_nothing() {
        let json = format!(r#"["a/b","{}",1]"#, Digest::of(b""));
        assert!(Entry::read(RawValue::from_string(json).expect("JSON")).pointer.is_err());
    }

    #[test]
    fn taking_one_of_two_names_away_leaves_everything_else() {
        let json = r#"{"x":1.50e400,"annotations":{"io.containerd.image.name":"a/b:1","org.opencontainers.image.ref.name":"1","k":"v"}}"#;
        let entry = Entry::read(RawValue::from_string(json.to_owned()).expect("JSON"));
        let left = entry.without(&entry.names[0]).expect("an object");
        assert_eq!(
            left.raw(),
            r#"{"annotations":{"io.containerd.image.name":"a/b:1","k":"v"},"x":1.50e400}"#
        );
        assert_eq!(left.names, entry.names[1..]);
    }
}
