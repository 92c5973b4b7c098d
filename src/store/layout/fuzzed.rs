//! What holds for the `index.json` of a layout, whatever the bytes are.

use super::entry::{Name, Pointer};
use super::index::Index;
use crate::oci::{Digest, LayoutName, MediaType};
use serde_json::Value;

/// An index that is read is written as one that is read and written as the same; a tag that is set is found,
/// and whatever else is there stays.
pub fn layout(bytes: &[u8]) -> bool {
    let index = match Index::read(bytes) {
        Ok(index) => index,
        Err(why) => {
            assert!(!why.is_empty());
            return false;
        }
    };
    let written = index.write().expect("it can be written");
    let mut again = Index::read(&written).expect("it is an index");
    assert_eq!(again.write().expect("it can be written"), written);
    assert_eq!(again.tags(&None), index.tags(&None));
    assert_eq!(fields(bytes), fields(&written));
    let tags = index.tags(&None).unwrap_or_default();
    let pointer = Pointer { media_type: MediaType::oci_index(), digest: Digest::of(bytes), size_bytes: 7 };
    let new = "fuzzed".parse().expect("a tag");
    let repositories = repositories(bytes);
    // A tag that is there, and one that probably is not.
    for tag in tags.iter().take(2).chain([&new]) {
        let name = Name { repository: None, tag: tag.clone() };
        let others: Vec<_> = tags.iter().filter(|other| *other != tag).cloned().collect();
        again.set(&name, &pointer).expect("it can be set");
        again = Index::read(&again.write().expect("it can be written")).expect("it is an index");
        assert_eq!(again.tag(&name), Ok(Some(&pointer)));
        for repository in &repositories {
            assert_eq!(again.tags(repository), index.tags(repository), "{repository:?}");
        }
        let left = again.tags(&None).unwrap_or_default();
        assert!(others.iter().all(|other| left.contains(other)), "{others:?} of {left:?}");
    }
    assert_eq!(fields(&again.write().expect("it can be written")), fields(bytes));
    true
}

/// The repositories that entries may be in, beside the one without a name.
fn repositories(bytes: &[u8]) -> Vec<Option<LayoutName>> {
    let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let entries = value.get("manifests").and_then(Value::as_array).into_iter().flatten();
    let annotations = entries.filter_map(|entry| entry.get("annotations")?.as_object());
    let names = annotations.flat_map(|annotations| annotations.values()).filter_map(Value::as_str);
    names.filter_map(|name| name.rsplit_once(':')?.0.parse().ok()).map(Some).collect()
}

/// Every field but the entries.
fn fields(bytes: &[u8]) -> Value {
    // Numbers that serde_json cannot hold are no concern of ours.
    let mut value: Value = serde_json::from_slice(bytes).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("manifests");
    }
    value
}
