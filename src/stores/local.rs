//! Opens places on this disk: each kind of them by the store that knows it.

use crate::failure::Fallible;
use crate::oci::{Place, PlaceKind};
use crate::store::archive::{ReadArchive, ReadDockerArchive, WriteArchive};
use crate::store::directory::{ReadDirectory, WriteDirectory};
use crate::store::layout::{ReadLayout, WriteLayout};
use crate::store::registry_data::{ReadRegistryData, WriteRegistryData};
use crate::store::{ReadPlace, WritePlace};
use std::sync::Arc;

/// A place that must be there, as a source must.
pub(super) async fn source(place: &Place) -> Fallible<Arc<dyn ReadPlace>> {
    match place.kind {
        PlaceKind::Layout => Ok(Arc::new(ReadLayout::open(&place.path).await?)),
        PlaceKind::RegistryData => Ok(Arc::new(ReadRegistryData::open(&place.path).await?)),
        PlaceKind::Directory => Ok(Arc::new(ReadDirectory::open(&place.path).await?)),
        PlaceKind::Archive => Ok(Arc::new(ReadArchive::open(&place.path).await?)),
        PlaceKind::DockerArchive => Ok(Arc::new(ReadDockerArchive::open(&place.path).await?)),
    }
}

/// A place that may not be there yet, as a target may: then it has no tags.
pub(super) async fn target(place: &Place) -> Fallible<Arc<dyn ReadPlace>> {
    match place.kind {
        PlaceKind::Layout => Ok(Arc::new(ReadLayout::open_or_vacant(&place.path).await?)),
        PlaceKind::RegistryData => Ok(Arc::new(ReadRegistryData::open_or_vacant(&place.path).await?)),
        PlaceKind::Directory => Ok(Arc::new(ReadDirectory::open_or_vacant(&place.path).await?)),
        PlaceKind::Archive | PlaceKind::DockerArchive => Ok(Arc::new(WriteArchive::open(place).await?)),
    }
}

/// A place that is going to be written to, and is made where nothing is.
pub(super) async fn writable(place: &Place) -> Fallible<Arc<dyn WritePlace>> {
    match place.kind {
        PlaceKind::Layout => Ok(Arc::new(WriteLayout::open(&place.path).await?)),
        PlaceKind::RegistryData => Ok(Arc::new(WriteRegistryData::open(&place.path).await?)),
        PlaceKind::Directory => Ok(Arc::new(WriteDirectory::open(&place.path).await?)),
        PlaceKind::Archive | PlaceKind::DockerArchive => Ok(Arc::new(WriteArchive::open(place).await?)),
    }
}
