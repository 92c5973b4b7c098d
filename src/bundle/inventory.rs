//! Inventories: what a registry or a place held when somebody looked. Small, and the same for the same content.

use crate::oci::{Digest, Object, Repository, Tag};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What `kind` says in an inventory.
const KIND: &str = "crossdock.inventory";
/// The version of the format that is written, and the only one that is read.
const VERSION: u32 = 1;
/// Largest inventory that is read, in bytes: some millions of blobs. Check it before reading the file.
pub const INVENTORY_BYTES_MAX: u64 = 512 << 20;

/// What was there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inventory {
    /// The repositories, sorted by name.
    pub repositories: Vec<Stock>,
}

/// What a repository held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// The repository.
    pub name: Repository,
    /// What its tags named.
    pub tags: BTreeMap<Tag, Digest>,
    /// The manifests that its tags reach.
    pub manifests: BTreeSet<Digest>,
    /// The blobs of these, with their lengths in bytes.
    pub blobs: BTreeMap<Digest, u64>,
}

/// An inventory as a file. A blob that lies in many repositories is written out once.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Always `crossdock.inventory`.
    kind: String,
    /// The version of the format: 1.
    version: u32,
    /// Each blob once, sorted by digest: its digest, and its length in bytes.
    #[schemars(with = "Vec<(String, u64)>")]
    blobs: Vec<(Digest, u64)>,
    /// The repositories, sorted by name.
    #[schemars(with = "Vec<Shelf>")]
    repositories: Vec<Object<Shelf>>,
}

/// A repository.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Shelf {
    /// The repository, as in a reference.
    #[schemars(with = "String")]
    name: Repository,
    /// The digest that each tag named.
    #[schemars(with = "BTreeMap<String, String>")]
    tags: BTreeMap<Tag, Digest>,
    /// The manifests that the tags reach.
    #[schemars(with = "Vec<String>")]
    manifests: BTreeSet<Digest>,
    /// The blobs of these, by their place in the list of all blobs, from 0.
    blobs: Vec<usize>,
}

impl Inventory {
    /// The text of the file: one blob and one repository a line.
    pub fn write(&self) -> String {
        let all: BTreeSet<(&Digest, u64)> = self
            .repositories
            .iter()
            .flat_map(|stock| stock.blobs.iter().map(|(digest, size_bytes)| (digest, *size_bytes)))
            .collect();
        let places: BTreeMap<&(&Digest, u64), usize> = all.iter().zip(0..).collect();
        let shelf = |stock: &Stock| Shelf {
            name: stock.name.clone(),
            tags: stock.tags.clone(),
            manifests: stock.manifests.clone(),
            blobs: stock.blobs.iter().map(|(digest, size_bytes)| places[&(digest, *size_bytes)]).collect(),
        };
        let blobs: Vec<String> = all.iter().map(json).collect();
        let shelves: Vec<String> = self.repositories.iter().map(|stock| json(&shelf(stock))).collect();
        let mut text = format!("{{\"kind\":\"{KIND}\",\"version\":{VERSION},\"blobs\":[");
        for (list, end) in [(blobs, "\n],\"repositories\":["), (shelves, "\n]}\n")] {
            let _ = write!(text, "\n{}{end}", list.join(",\n"));
        }
        text
    }

    /// Reads a file that may come from anywhere.
    ///
    /// # Errors
    /// It is no inventory, or one of another version.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let Object(document): Object<Document> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if document.kind != KIND {
            return Err(format!("its kind is not {KIND}"));
        }
        if document.version != VERSION {
            return Err(format!("it has version {}; this crossdock reads {VERSION}", document.version));
        }
        let mut repositories = Vec::new();
        for Object(Shelf { name, tags, manifests, blobs }) in document.repositories {
            let mut own = BTreeMap::new();
            for place in blobs {
                let (digest, size_bytes) = document
                    .blobs
                    .get(place)
                    .ok_or_else(|| format!("{name} has a blob that is not listed"))?;
                own.insert(digest.clone(), *size_bytes);
            }
            repositories.push(Stock { name, tags, manifests, blobs: own });
        }
        repositories.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { repositories })
    }
}

/// The JSON Schema (draft-07) of an inventory.
pub fn inventory_schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<Document>()
        .to_value()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text, numbers and lists always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(name: &str, blobs: &[&str]) -> Stock {
        let sized = |seed: &&str| (Digest::of(seed.as_bytes()), seed.len() as u64);
        Stock {
            name: name.parse().expect("a repository"),
            tags: BTreeMap::from([("1".parse().expect("a tag"), Digest::of(name.as_bytes()))]),
            manifests: BTreeSet::from([Digest::of(name.as_bytes())]),
            blobs: blobs.iter().map(sized).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_each_blob_is_written_once() {
        let repositories = vec![stock("a.corp/a", &["one", "shared"]), stock("oci:/l//b", &["shared"])];
        let inventory = Inventory { repositories };
        let text = inventory.write();
        assert_eq!(Inventory::read(text.as_bytes()), Ok(inventory));
        assert_eq!(text.matches(Digest::of(b"shared").as_str()).count(), 1, "{text}");
        assert_eq!(Inventory::read(Inventory::default().write().as_bytes()), Ok(Inventory::default()));
    }

    #[test]
    fn what_is_no_inventory_is_refused() {
        let text = Inventory { repositories: vec![stock("a.corp/a", &["one"])] }.write();
        for (old, new, why) in [
            (r#""version":1"#, r#""version":2"#, "version 2"),
            (KIND, "crossdock.plan", "kind"),
            (r#""blobs":[0]"#, r#""blobs":[1]"#, "not listed"),
            (r#""blobs":[0]"#, r#""blobs":[0],"x":1"#, "unknown field"),
        ] {
            let told = Inventory::read(text.replacen(old, new, 1).as_bytes()).expect_err(new);
            assert!(told.contains(why), "{told}");
        }
    }
}
