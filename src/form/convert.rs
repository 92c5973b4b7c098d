//! From one format of manifests to the other: media types, and what only one of the two has. Blobs stay
//! as they are.

use super::fields::Fields;
use super::{FormError, Format};
use crate::oci::{ManifestError, MediaType, RawManifest};
use std::str::FromStr as _;

/// What Docker and OCI call the same thing.
const NAMES: [(&str, &str); 9] = [
    ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json"),
    ("application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"),
    ("application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.oci.image.layer.v1.tar+gzip"),
    ("application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"),
    ("application/vnd.docker.image.rootfs.diff.tar.zstd", "application/vnd.oci.image.layer.v1.tar+zstd"),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
    ),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar.zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
    ),
    ("application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json"),
];

/// The configs of images.
const CONFIGS: [&str; 2] =
    ["application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"];
/// Fields of OCI that Docker's formats do not have.
const OCI_ONLY: [&str; 3] = ["annotations", "subject", "artifactType"];

/// The manifest of one image in `format`: the same bytes where it is in that format already.
///
/// # Errors
/// It cannot be read, is an index, or is something else than an image, which has no counterpart.
pub fn convert(raw: &RawManifest, format: Format) -> Result<RawManifest, FormError> {
    raw.parse()?;
    let not = |what: String| FormError::NotIn { format, what };
    if raw.media_type.is_index() {
        return Err(not("it is an index, and no image".to_owned()));
    }
    if format == Format::Keep || is_in(&raw.media_type, format) {
        return Ok(raw.clone());
    }
    let malformed = |error: serde_json::Error| ManifestError::Malformed(error.to_string());
    let mut fields: Fields = serde_json::from_slice(&raw.bytes).map_err(malformed)?;
    let renamed = |media_type: &MediaType| {
        other_name(media_type, format).ok_or_else(|| not(format!("it has no word for `{media_type}`")))
    };
    let (Some(mut config), Some(layers)) =
        (fields.get::<Fields>("config"), fields.get::<Vec<Fields>>("layers"))
    else {
        return Err(not("it is not the manifest of an image".to_owned()));
    };
    rename(&mut config, format, renamed)?;
    let mut rewritten = Vec::new();
    for mut layer in layers {
        rename(&mut layer, format, renamed)?;
        rewritten.push(layer);
    }
    let media_type = renamed(&raw.media_type)?;
    fields.set("mediaType", &media_type);
    fields.set("config", &config);
    fields.set("layers", &rewritten);
    if format == Format::Docker {
        without_oci(&mut fields);
    }
    Ok(RawManifest::new(media_type, fields.bytes(), None))
}

/// Whether a manifest is that of an image, and not of an artifact: with the config of one, and nothing that
/// says otherwise.
pub fn is_image(raw: &RawManifest) -> bool {
    let Ok(fields) = serde_json::from_slice::<Fields>(&raw.bytes) else { return false };
    let config: Option<MediaType> = fields.get::<Fields>("config").and_then(|config| config.get("mediaType"));
    let is_known = |config: &MediaType| CONFIGS.contains(&config.as_str());
    !fields.has("artifactType") && config.as_ref().is_some_and(is_known)
}

/// Leaves out what Docker's formats do not have.
pub(super) fn without_oci(fields: &mut Fields) {
    fields.remove(&OCI_ONLY);
}

/// Gives a descriptor the name that its content has in `format`.
fn rename(
    descriptor: &mut Fields,
    format: Format,
    renamed: impl Fn(&MediaType) -> Result<MediaType, FormError>,
) -> Result<(), FormError> {
    let media_type: MediaType = descriptor.get("mediaType").ok_or_else(|| {
        FormError::Unreadable(ManifestError::Malformed("a descriptor without a media type".to_owned()))
    })?;
    if !is_in(&media_type, format) {
        descriptor.set("mediaType", &renamed(&media_type)?);
    }
    if format == Format::Docker {
        without_oci(descriptor);
    }
    Ok(())
}

fn is_in(media_type: &MediaType, format: Format) -> bool {
    NAMES.iter().any(|(docker, oci)| match format {
        Format::Docker => media_type.as_str() == *docker,
        Format::Oci => media_type.as_str() == *oci,
        Format::Keep => true,
    })
}

fn other_name(media_type: &MediaType, format: Format) -> Option<MediaType> {
    let found = NAMES.iter().find_map(|(docker, oci)| match format {
        Format::Docker => (media_type.as_str() == *oci).then_some(docker),
        Format::Oci => (media_type.as_str() == *docker).then_some(oci),
        Format::Keep => None,
    })?;
    MediaType::from_str(found).ok()
}
