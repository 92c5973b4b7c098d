//! The document that lists what a delta leaves out, and where that lies at the targets.

use crate::oci::{Digest, Object, Repository};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of the document that is written, and the only one that is read.
const VERSION: u32 = 1;

/// What a bundle leaves out, because it was there when the inventory was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// The blobs, sorted by digest.
    pub blobs: Vec<LeftBlob>,
}

/// A blob that is left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftBlob {
    /// Its digest.
    pub digest: Digest,
    /// Its length in bytes.
    #[serde(rename = "size")]
    pub size_bytes: u64,
    /// Repositories that had it, one in each store: where it is mounted from.
    pub at: BTreeSet<Repository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: u32,
    left_out: Vec<Object<LeftBlob>>,
}

impl LeftOut {
    /// The bytes of the document: one blob a line, and the same for the same value.
    pub fn write(&self) -> Vec<u8> {
        let lines: Vec<String> = self
            .blobs
            .iter()
            .map(|blob| serde_json::to_string(blob).expect("text and numbers always serialise"))
            .collect();
        format!("{{\"schemaVersion\":{VERSION},\"leftOut\":[\n{}\n]}}\n", lines.join(",\n")).into_bytes()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// It is none, or one of another version.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let Object(document): Object<Document> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        match document.schema_version {
            VERSION => {}
            other => return Err(format!("it has version {other}; this crossdock reads {VERSION}")),
        }
        Ok(Self { blobs: document.left_out.into_iter().map(|Object(blob)| blob).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_other_versions_are_refused() {
        let at = ["b.corp/a", "harbor.corp/m/a"].map(|text| text.parse().expect("a repository"));
        let blob = LeftBlob { digest: Digest::of(b"a"), size_bytes: 1 << 40, at: at.into() };
        let left_out = LeftOut { blobs: vec![blob] };
        assert_eq!(LeftOut::read(&left_out.write()), Ok(left_out.clone()));
        let text = String::from_utf8(left_out.write()).expect("text");
        assert!(text.contains(r#""size":1099511627776,"at":["b.corp/a","harbor.corp/m/a"]}"#), "{text}");
        assert!(LeftOut::read(text.replace("Version\":1", "Version\":2").as_bytes()).is_err());
        assert!(LeftOut::read(b"[1,[]]").is_err());
    }
}
