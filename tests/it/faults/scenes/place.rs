//! Where a fault happens: which registry, and which of its requests.

use super::Scene;
use crate::bed::images::Image;
use crate::bed::memory::{BlobsAt, Registry, RequestKind, Rule};

/// Blobs of a registry with storage of its own.
pub(super) const ELSEWHERE: BlobsAt = BlobsAt::Elsewhere(307);

/// A kind of request at one of the ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    SourceHead,
    SourceManifest,
    SourceBlob,
    Token,
    Storage,
    TargetHead,
    Post,
    Patch,
    Put,
    ManifestPut,
}

impl Place {
    pub(super) fn registry(self, scene: &Scene) -> &Registry {
        match self {
            Self::SourceHead | Self::SourceManifest | Self::SourceBlob | Self::Token | Self::Storage => {
                &scene.source
            }
            Self::TargetHead | Self::Post | Self::Patch | Self::Put | Self::ManifestPut => &scene.target,
        }
    }

    /// The requests at this place; of blobs those of the layer.
    pub(super) fn rule(self, image: &Image) -> Rule {
        let layer = super::super::layer_of(image);
        let hex = layer.trim_start_matches("sha256:").to_owned();
        match self {
            Self::SourceHead | Self::TargetHead => Rule::on(RequestKind::ManifestHead),
            Self::SourceManifest => Rule::on(RequestKind::ManifestGet),
            Self::SourceBlob => Rule::on(RequestKind::BlobGet).path(&hex),
            Self::Token => Rule::on(RequestKind::Token),
            Self::Storage => Rule::on(RequestKind::StorageGet).path(&hex),
            Self::Post => Rule::on(RequestKind::Mount).path(&hex),
            Self::Patch => Rule::on(RequestKind::UploadPatch),
            Self::Put => Rule::on(RequestKind::UploadPut).path(&hex),
            Self::ManifestPut => Rule::on(RequestKind::ManifestPut),
        }
    }

    /// What has to be so that there are such requests.
    pub(super) fn prepare(self, scene: &Scene) {
        if self == Self::Patch {
            let hex = super::super::layer_of(&scene.image).trim_start_matches("sha256:").to_owned();
            scene.target.rule(Rule::on(RequestKind::UploadPut).path(&hex).first(1).answer(413));
        }
    }
}
