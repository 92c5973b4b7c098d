//! Facts about images, for filters that ask for them. Reads the source; never writes.

use crate::failure::Failure;
use crate::filter::{Image, Needs};
use crate::oci::{Repository, Tag};
use crate::store::Sight;
use std::sync::Arc;

/// What gathering facts gave.
#[derive(Debug, Default)]
pub struct Gathered {
    /// One for each tag that is there, sorted bytewise by tag.
    pub images: Vec<Image>,
    /// Tags that are listed and name nothing when they are asked for.
    pub gone: Vec<(Tag, Failure)>,
}

/// Gathers what `needs` asks for about each tag of a source, and nothing else: no request where
/// nothing is needed.
///
/// # Errors
/// The source cannot be asked: then nothing is known, and no filter may decide.
pub async fn gather(
    _source: &Repository,
    _tags: &[Tag],
    _needs: Needs,
    _sight: &Arc<dyn Sight>,
) -> Result<Gathered, Box<Failure>> {
    unimplemented!()
}
