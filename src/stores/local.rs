//! Opens places on this disk: each kind of them by the store that knows it.

use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Place, PlaceKind};
use crate::store::layout::{ReadLayout, WriteLayout};
use crate::store::{ReadPlace, WritePlace};
use std::sync::Arc;

/// A place that must be there, as a source must.
pub(super) async fn source(place: &Place) -> Fallible<Arc<dyn ReadPlace>> {
    match place.kind {
        PlaceKind::Layout => Ok(Arc::new(ReadLayout::open(&place.path).await?)),
        _ => Err(not_yet(place, "read")),
    }
}

/// A place that may not be there yet, as a target may: then it has no tags.
pub(super) async fn target(place: &Place) -> Fallible<Arc<dyn ReadPlace>> {
    match place.kind {
        PlaceKind::Layout => Ok(Arc::new(ReadLayout::open_or_vacant(&place.path).await?)),
        _ => Err(not_yet(place, "read")),
    }
}

/// A place that is going to be written to, and is made where nothing is.
pub(super) async fn writable(place: &Place) -> Fallible<Arc<dyn WritePlace>> {
    match place.kind {
        PlaceKind::Layout => Ok(Arc::new(WriteLayout::open(&place.path).await?)),
        _ => Err(not_yet(place, "written")),
    }
}

fn not_yet(place: &Place, what: &str) -> Box<Failure> {
    Failure::new(Code::NotYet, place, Operation::Open, format!("such a place cannot be {what} yet"))
}
