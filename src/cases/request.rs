//! From a case to the request that a filter gets: what it asks for, and nothing else.

use super::{Case, Told};
use crate::filter::{Image, Needs, Request};
use std::fmt;

/// A fact that the filter asks for and the case does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// The fact, by its name in `needs`.
    pub fact: &'static str,
    /// For how many images it is not told.
    pub images: usize,
    /// How many images there are.
    pub of: usize,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fact, images, of } = self;
        match *fact {
            "now" => f.write_str("the filter asks for `now`, and the case has none"),
            _ => write!(f, "the filter asks for `{fact}`, and {images} of {of} images have none"),
        }
    }
}

impl Case {
    /// The request for a filter with these needs.
    pub fn request(&self, needs: Needs) -> Request {
        Request {
            source: self.source.clone(),
            target: self.target.clone(),
            images: self.images.iter().map(|told| told.image(needs)).collect(),
            now: self.now.filter(|_| needs.now),
        }
    }

    /// What a filter with these needs asks for in vain.
    pub fn lacks(&self, needs: Needs) -> Vec<Lack> {
        let of = self.images.len();
        let without = |fact, is_needed: bool, lacks: &dyn Fn(&Told) -> bool| {
            let images = self.images.iter().filter(|told| lacks(told)).count();
            (is_needed && images > 0).then_some(Lack { fact, images, of })
        };
        let found = [
            without("digest", needs.digest, &|told| told.digest.is_none() || told.media_type.is_none()),
            without("platforms", needs.platforms, &|told| told.platforms.is_none()),
            without("annotations", needs.annotations, &|told| told.annotations.is_none()),
            without("config", needs.config, &|told| told.labels.is_none() && told.created.is_none()),
            (needs.now && self.now.is_none()).then_some(Lack { fact: "now", images: 0, of }),
        ];
        found.into_iter().flatten().collect()
    }
}

impl Told {
    fn image(&self, needs: Needs) -> Image {
        let Self { tag, digest, media_type, platforms, annotations, labels, created } = self;
        Image {
            tag: tag.clone(),
            digest: digest.clone().filter(|_| needs.digest),
            media_type: media_type.clone().filter(|_| needs.digest),
            platforms: platforms.clone().filter(|_| needs.platforms).unwrap_or_default(),
            annotations: annotations.clone().filter(|_| needs.annotations).unwrap_or_default(),
            labels: labels.clone().filter(|_| needs.config).unwrap_or_default(),
            created: created.filter(|_| needs.config),
        }
    }
}
