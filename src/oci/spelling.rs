//! Keys of manifests that another reader could take for one of ours. Go's, which most registries and
//! runtimes have, does not tell upper from lower case, and takes the last: `layers` and `Layers` are two
//! images in one document.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The keys that say what a document is and what it points at, and of descriptors.
const KEYS: [&str; 12] = [
    "blobs",
    "config",
    "digest",
    "fsLayers",
    "layers",
    "manifests",
    "mediaType",
    "platform",
    "schemaVersion",
    "size",
    "subject",
    "urls",
];
/// Those with descriptors in them.
const NESTED: [&str; 5] = ["blobs", "config", "layers", "manifests", "subject"];

/// A document all of whose keys are spelt as the specification has them, or are no keys of it.
pub(super) struct Exact;

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Spelling)
    }
}

struct Spelling;

impl<'de> Visitor<'de> for Spelling {
    type Value = Exact;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Exact, A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if KEYS.iter().any(|known| *known != key && folded(known) == folded(&key)) {
                return Err(A::Error::custom("a key in another spelling"));
            }
            if NESTED.contains(&&*key) {
                map.next_value::<Exact>()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Exact)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Exact, A::Error> {
        while list.next_element::<Exact>()?.is_some() {}
        Ok(Exact)
    }

    fn visit_unit<E>(self) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_str<E>(self, _: &str) -> Result<Exact, E> {
        Ok(Exact)
    }
}

/// Go's folding: also the long s and the sign of Kelvin are letters of ours.
fn folded(key: &str) -> String {
    key.to_lowercase().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_exact(json: &str) -> bool {
        serde_json::from_str::<Exact>(json).is_ok()
    }

    #[test]
    fn a_key_that_another_reader_takes_for_ours_is_noticed() {
        for twisted in [
            r#"{"layers":[],"Layers":[]}"#,
            r#"{"MEDIATYPE":"a/b"}"#,
            r#"{"layer\u017f":[]}"#,
            r#"{"fslayers":[]}"#,
            r#"{"manifests":[{"digest":"a","Digest":"b"}]}"#,
            r#"{"config":{"mediatype":"a/b"}}"#,
            r#"{"subject":{"SIZE":1}}"#,
        ] {
            assert!(!is_exact(twisted), "{twisted}");
        }
    }

    #[test]
    fn keys_of_others_are_theirs() {
        for fine in [
            r#"{"schemaVersion":2,"config":{"digest":"a"},"layers":[{"size":1,"annotations":{"Size":"1"}}]}"#,
            r#"{"annotations":{"Layers":"x"},"history":[{"Config":1}],"manifests":[{"platform":{"OS":"x"}}]}"#,
            r#"{"layers":null,"config":"x","blobs":[1,-1,1.5,true,null,"x"]}"#,
            "{}",
        ] {
            assert!(is_exact(fine), "{fine}");
        }
    }
}
