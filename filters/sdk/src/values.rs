//! Short ways to make the values that filters and their tests deal with.

use crate::{Decision, Destination, Image, Repository, Request};

impl Decision {
    /// Not mirrored, for `reason`.
    pub fn drop(reason: impl Into<String>) -> Self {
        Self::Drop(Some(reason.into()))
    }

    /// Mirrored under these tags, and under no other.
    pub fn tags<T: Into<String>>(tags: impl IntoIterator<Item = T>) -> Self {
        Self::Rename(tags.into_iter().map(|tag| Destination { path: None, tag: tag.into() }).collect())
    }
}

impl Image {
    /// An image of which only the tag is known.
    pub fn plain(tag: impl Into<String>) -> Self {
        Self {
            tag: tag.into(),
            digest: None,
            media_type: None,
            platforms: Vec::new(),
            annotations: Vec::new(),
            labels: Vec::new(),
            created: None,
        }
    }
}

impl Request {
    /// A request about these images, for tests: from `docker.io/library/app` to `ghcr.io/acme/app`.
    pub fn about(images: impl IntoIterator<Item = Image>) -> Self {
        let repository =
            |registry: &str, path: &str| Repository { registry: registry.to_owned(), path: path.to_owned() };
        let mut images: Vec<Image> = images.into_iter().collect();
        images.sort_by(|one, other| one.tag.cmp(&other.tag));
        Self {
            source: repository("docker.io", "library/app"),
            target: repository("ghcr.io", "acme/app"),
            images,
            now: None,
        }
    }
}
