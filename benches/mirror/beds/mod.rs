//! Registries that are mirrored from and to: real ones, and ones that take next to no time.

pub(crate) mod asked;
pub(crate) mod delay;
mod docker_registry;
pub(crate) mod synthetic;

use crate::corpus::Corpus;
use crate::wire::{self, all};
use crate::{Failure, Fallible};
use asked::Asked;
use clap::ValueEnum;
pub(crate) use docker_registry::DockerRegistry;
use futures::{StreamExt as _, stream};
use reqwest::Body;
use std::path::Path;
use synthetic::Synthetic;
use synthetic::shelf::Shelf;

/// What kind of registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bed {
    /// Debian's docker-registry, its content in memory
    Registry,
    /// A registry within this program that keeps no bytes
    Synthetic,
}

/// One registry of either kind.
pub(crate) enum Served {
    Real(DockerRegistry),
    Synthetic(Synthetic),
}

impl Served {
    pub(crate) fn host(&self) -> String {
        match self {
            Self::Real(one) => one.host(),
            Self::Synthetic(one) => one.host(),
        }
    }

    /// Scheme, host and port.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.host())
    }

    /// What was asked since this was last asked for.
    pub(crate) fn asked(&self) -> Fallible<Asked> {
        match self {
            Self::Real(one) => one.asked(),
            Self::Synthetic(one) => Ok(one.asked()),
        }
    }
}

/// A registry that can be had again and again with the same content.
pub(crate) enum Filled {
    /// Never started again, copied.
    Real(DockerRegistry),
    Synthetic(Shelf),
}

impl Filled {
    pub(crate) async fn with(
        bed: Bed,
        corpus: &Corpus,
        at: fn(&str) -> String,
        parent: &Path,
    ) -> Fallible<Self> {
        Ok(match bed {
            Bed::Registry => {
                let registry = DockerRegistry::start(parent).await?;
                push(corpus, &registry.base(), at).await?;
                Self::Real(registry)
            }
            Bed::Synthetic => Self::Synthetic(Shelf::of(corpus, at)),
        })
    }

    /// A copy of its own.
    pub(crate) async fn fresh(&self, parent: &Path) -> Fallible<Served> {
        Ok(match self {
            Self::Real(filled) => Served::Real(DockerRegistry::start_on_copy(parent, filled).await?),
            Self::Synthetic(shelf) => Served::Synthetic(Synthetic::start(shelf.clone())?),
        })
    }

    /// The one that was filled.
    pub(crate) fn serve(self) -> Fallible<Served> {
        Ok(match self {
            Self::Real(filled) => Served::Real(filled),
            Self::Synthetic(shelf) => Served::Synthetic(Synthetic::start(shelf)?),
        })
    }
}

/// Puts all of `corpus` into a registry.
async fn push(corpus: &Corpus, base: &str, at: fn(&str) -> String) -> Fallible<()> {
    let client = wire::client()?;
    let uploads = corpus.blobs.iter().flat_map(|(digest, blob)| {
        blob.repositories.iter().map(move |repository| (digest, &blob.content, at(repository)))
    });
    all(uploads.map(|(digest, content, repository)| {
        let (client, base, digest) = (client.clone(), base.to_owned(), digest.clone());
        let size_bytes = content.size_bytes();
        let pieces = stream::iter(content.pieces()).map(Ok::<_, Failure>);
        async move {
            let begun = wire::begin(&client, &base, &repository).await?;
            wire::finish(&client, begun, &digest, size_bytes, Body::wrap_stream(pieces)).await
        }
    }))
    .await?;
    // Children first, and then what names them.
    for with_children in [false, true] {
        let is_index =
            |one: &&crate::corpus::Manifest| (one.media_type == crate::corpus::INDEX) == with_children;
        all(corpus.manifests.iter().filter(is_index).map(|manifest| {
            let (client, base, repository) = (client.clone(), base.to_owned(), at(&manifest.repository));
            let (to, media_type, body) = (manifest.at.clone(), manifest.media_type, manifest.body.clone());
            async move { wire::put_manifest(&client, &base, &repository, &to, media_type, body).await }
        }))
        .await?;
    }
    Ok(())
}
