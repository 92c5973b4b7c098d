//! The document `index.json`: its entries by name and by digest. No I/O, and nothing that others
//! wrote into it is ever lost.

use super::entry::{Entry, Name, Pointer};
use crate::oci::{Descriptor, Digest, LayoutName, MediaType, Tag};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// Largest `index.json` in bytes: room for some 200,000 tags.
pub(in crate::store) const INDEX_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// An `index.json`. OCI image-spec, image-layout.md, "index.json file".
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Index {
    /// Every field but `manifests`, verbatim and in order.
    fields: Fields,
    entries: Vec<Entry>,
    /// Where in `entries` each tag of each repository is.
    repositories: BTreeMap<Option<LayoutName>, BTreeMap<Tag, Vec<usize>>>,
    /// Where in `entries` each digest is.
    digests: HashMap<Digest, Vec<usize>>,
}

#[derive(Debug, Clone, Default)]
struct Fields(Vec<(String, Box<RawValue>)>);

impl Index {
    /// An index without entries.
    pub(in crate::store) fn empty() -> Result<Self, serde_json::Error> {
        let fields = vec![
            ("schemaVersion".to_owned(), to_raw_value(&2)?),
            ("mediaType".to_owned(), to_raw_value(&MediaType::oci_index())?),
        ];
        Ok(Self { fields: Fields(fields), ..Self::default() })
    }

    /// Reads the document, or says why it is none.
    pub(in crate::store) fn read(bytes: &[u8]) -> Result<Self, String> {
        let Fields(mut fields) = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        check(&fields)?;
        let manifests = fields.iter().position(|(key, _)| key == "manifests").map(|at| fields.remove(at).1);
        let entries: Option<Vec<Box<RawValue>>> = match manifests {
            Some(raw) => serde_json::from_str(raw.get()).map_err(|e| format!("`manifests`: {e}"))?,
            None => None,
        };
        let entries = entries.unwrap_or_default().into_iter().map(Entry::read).collect();
        let mut index = Self { fields: Fields(fields), entries, ..Self::default() };
        index.find_all();
        Ok(index)
    }

    /// The document as bytes: one entry a line, so that changes to it can be read.
    pub(in crate::store) fn write(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = String::from("{");
        for (key, value) in &self.fields.0 {
            text.push_str(&serde_json::to_string(key)?);
            text.push(':');
            text.push_str(value.get());
            text.push(',');
        }
        text.push_str("\"manifests\":[");
        for (at, entry) in self.entries.iter().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            text.push_str(entry.raw());
        }
        text.push_str("\n]}\n");
        Ok(text.into_bytes())
    }

    /// Where a tag points; an entry that cannot be read, or two that differ, are no answer.
    pub(in crate::store) fn tag(&self, name: &Name) -> Result<Option<&Pointer>, String> {
        let mut found: Option<&Pointer> = None;
        for at in self.places(name) {
            let pointer = self.entries[*at].pointer.as_ref();
            let pointer =
                pointer.map_err(|why| format!("its entry for `{}` is broken: {why}", name.text()))?;
            if found.is_some_and(|other| other.digest != pointer.digest) {
                return Err(format!("it names `{}` more than once, with different digests", name.text()));
            }
            found = Some(pointer);
        }
        Ok(found)
    }

    /// What is said about a digest that has an entry of its own.
    pub(in crate::store) fn digest(&self, digest: &Digest) -> Option<&Pointer> {
        self.entries[*self.digests.get(digest)?.first()?].pointer.as_ref().ok()
    }

    /// The tags of a repository, sorted; none when no entry belongs to it. Bare tags belong to the
    /// repository without a name, which every layout has.
    pub(in crate::store) fn tags(&self, repository: &Option<LayoutName>) -> Option<Vec<Tag>> {
        match self.repositories.get(repository) {
            Some(tags) => Some(tags.keys().cloned().collect()),
            None => repository.is_none().then(Vec::new),
        }
    }

    /// The repositories that have names, sorted.
    pub(in crate::store) fn names(&self) -> impl Iterator<Item = &LayoutName> {
        self.repositories.keys().flatten()
    }

    /// What its entries point at, in their order, but for those of which that cannot be told.
    pub(in crate::store) fn pointed_at(&self) -> Vec<Descriptor> {
        let pointers = self.entries.iter().filter_map(|entry| entry.pointer.as_ref().ok());
        let descriptor = |Pointer { media_type, digest, size_bytes }: &Pointer| {
            Descriptor::new(media_type.clone(), digest.clone(), *size_bytes)
        };
        pointers.map(descriptor).collect()
    }

    /// What entries without any name point at, in their order.
    pub(in crate::store) fn unnamed(&self) -> impl Iterator<Item = &Pointer> {
        let unnamed = self.entries.iter().filter(|entry| entry.names.is_empty() && entry.illegal.is_empty());
        unnamed.filter_map(|entry| entry.pointer.as_ref().ok())
    }

    /// Every tag that leads somewhere, sorted, with what it points at.
    pub(in crate::store) fn tagged(&self) -> impl Iterator<Item = (Name, &Pointer)> {
        let names = self.repositories.iter().flat_map(|(repository, tags)| {
            tags.keys().map(|tag| Name { repository: repository.clone(), tag: tag.clone() })
        });
        names.filter_map(|name| {
            let pointer = self.tag(&name).ok().flatten()?;
            Some((name, pointer))
        })
    }

    /// Names that nothing can be asked for by, because they break the grammar.
    pub(in crate::store) fn illegal_names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().flat_map(|entry| &entry.illegal).map(String::as_str)
    }

    /// Whether the tag points there already.
    pub(in crate::store) fn says(&self, name: &Name, pointer: &Pointer) -> bool {
        self.tag(name) == Ok(Some(pointer))
    }

    /// Points a tag at a manifest. An entry with this name alone is replaced; one that has a second
    /// name keeps that, and everything else in it.
    pub(in crate::store) fn set(&mut self, name: &Name, pointer: &Pointer) -> Result<(), serde_json::Error> {
        let places = self.places(name).to_vec();
        match places[..] {
            [at] if self.entries[at].is_only(name) => {
                self.forget(at);
                self.entries[at] = Entry::new(name.clone(), pointer.clone())?;
                self.find(at);
            }
            [] => {
                self.entries.push(Entry::new(name.clone(), pointer.clone())?);
                self.find(self.entries.len() - 1);
            }
            _ => self.set_one_of_many(name, pointer, &places)?,
        }
        Ok(())
    }

    fn set_one_of_many(
        &mut self,
        name: &Name,
        pointer: &Pointer,
        places: &[usize],
    ) -> Result<(), serde_json::Error> {
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut new = Some(Entry::new(name.clone(), pointer.clone())?);
        for (at, entry) in self.entries.iter().enumerate() {
            if !places.contains(&at) {
                entries.push(entry.clone());
            } else if entry.is_only(name) {
                entries.extend(new.take());
            } else {
                entries.push(entry.without(name)?);
            }
        }
        entries.extend(new);
        self.entries = entries;
        self.find_all();
        Ok(())
    }

    fn places(&self, name: &Name) -> &[usize] {
        let tags = self.repositories.get(&name.repository);
        tags.and_then(|tags| tags.get(&name.tag)).map_or(&[], Vec::as_slice)
    }

    fn find_all(&mut self) {
        self.repositories.clear();
        self.digests.clear();
        (0..self.entries.len()).for_each(|at| self.find(at));
    }

    /// Makes the entry at `at` found by its names and digest.
    fn find(&mut self, at: usize) {
        let Entry { names, pointer, .. } = &self.entries[at];
        for Name { repository, tag } in names {
            let tags = self.repositories.entry(repository.clone()).or_default();
            tags.entry(tag.clone()).or_default().push(at);
        }
        if let Ok(pointer) = pointer {
            self.digests.entry(pointer.digest.clone()).or_default().push(at);
        }
    }

    /// Undoes [`Index::find`].
    fn forget(&mut self, at: usize) {
        let Entry { names, pointer, .. } = &self.entries[at];
        for Name { repository, tag } in names {
            if let Some(places) = self.repositories.get_mut(repository).and_then(|tags| tags.get_mut(tag)) {
                places.retain(|place| *place != at);
            }
        }
        if let Ok(pointer) = pointer
            && let Some(places) = self.digests.get_mut(&pointer.digest)
        {
            places.retain(|place| *place != at);
        }
    }
}

/// Refuses what another reader could read differently.
fn check(fields: &[(String, Box<RawValue>)]) -> Result<(), String> {
    let mut seen = HashSet::new();
    if let Some((key, _)) = fields.iter().find(|(key, _)| !seen.insert(key)) {
        return Err(format!("it has the field {key:.100?} twice"));
    }
    for (key, value) in fields {
        match key.as_str() {
            "schemaVersion" if value.get() != "2" => {
                return Err(format!("its schemaVersion is {:.20} instead of 2", value.get()));
            }
            "mediaType" if value.get() != format!("\"{}\"", MediaType::oci_index()) => {
                return Err(format!("its mediaType is {:.100}", value.get()));
            }
            _ => {}
        }
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an image index")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests;
