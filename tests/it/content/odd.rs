//! Documents that are written in an odd way, which nobody may write anew.

use super::{MANIFEST, image, pointer};
use crate::bed::digest::sha256;
use crate::bed::images::{Blob, Image, Manifest};
use serde_json::json;

/// Annotations with text that could do something where it is shown.
pub fn annotations() -> Image {
    let config = Blob::new("{}");
    let document = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": pointer("application/vnd.oci.empty.v1+json", &config), "layers": [],
        "annotations": {
            "": "no key", "a b": "", "ünï\u{202e}cødé": "日本語 🦀 \u{0} \u{7f} \u{1b}[31m",
            "<script>": "</td>&\"'`$(id)", "::error::": "::stop-commands::x\n##vso[task.complete]", "long": "x".repeat(5000),
        },
    });
    image(Manifest::new(MANIFEST, &document), [&config])
}

/// Carriage returns, tabs, escapes that need not be, numbers that lose by being read, keys that nobody knows,
/// in an order that nobody has, and no line feed at the end.
pub fn spelling() -> Image {
    let config = Blob::new("config of odd spelling");
    let (digest, size) = (&config.digest, config.size_bytes);
    let text = format!(
        "\r\n{{\t\"layers\" : [ ],\r\n \"x\":1.50e+3, \"big\":123456789012345678901234567890, \
         \"config\":{{\"size\":{size},\"digest\":\"{digest}\",\"mediaType\":\"a\\u002fb\",\"annotations\":null}},\
         \"mediaType\":\"application\\/vnd.oci.image.manifest.v1+json\",\"schemaVersion\":2 }}  "
    );
    let manifest = Manifest {
        media_type: MANIFEST.to_owned(),
        digest: sha256(text.as_bytes()),
        bytes: text.into(),
        platform: None,
        annotations: std::collections::BTreeMap::new(),
    };
    image(manifest, [&config])
}
