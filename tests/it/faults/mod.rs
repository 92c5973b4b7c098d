//! Registries that misbehave and registries that attack: what a run makes of them, and what it asks.

mod contents;
mod credentials;
mod deadlocks;
mod fan_out;
mod isolation;
mod limits;
mod manifests;
pub(crate) mod mirror;
mod outages;
mod quotas;
pub(crate) mod raw;
mod redirects;
mod retries;
mod scenes;
mod source_bodies;
mod storms;
mod tags;
mod uploads;
mod wires;

use crate::bed::images::{Format, Image, Layer, Recipe, one_platform};
use crate::bed::memory::{Behaviour, Canned, Registry, RequestKind, Rule};
use mirror::{Mirror, Run};

/// A source with the image `app:1.0`, and an empty target.
struct Scene {
    source: Registry,
    target: Registry,
    image: Image,
}

impl Scene {
    fn new() -> Self {
        Self::of(one_platform(1, Format::Oci))
    }

    fn of(image: Image) -> Self {
        let (source, target) = (Registry::start(), Registry::start());
        source.seed(&image, "app", &["1.0"]);
        Self { source, target, image }
    }

    /// Copies `app:1.0` to `copy:1.0`.
    fn mirror(&self) -> Mirror {
        Mirror::of(&[&self.source, &self.target]).copying(
            &self.source,
            "app",
            &[(&self.target, "copy")],
            "1.0",
        )
    }

    fn sync(&self) -> Run {
        self.mirror().sync()
    }

    fn is_copied(&self) -> bool {
        self.target.tag("copy", "1.0") == Some(self.image.digest()) && self.target.complete("copy", "1.0")
    }
}

/// An image whose one layer has 1 MiB: many pieces on every socket.
fn large_image(seed: u64) -> Image {
    Recipe::new(seed).layer(Layer::synthetic(seed, 1 << 20)).build()
}

/// The digest of the largest blob.
fn layer_of(image: &Image) -> String {
    image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob").digest.clone()
}

fn count(registry: &Registry, kind: RequestKind) -> usize {
    registry.requests().count(kind)
}

fn on(kind: RequestKind, behaviour: Behaviour) -> Rule {
    Rule::on(kind).then(behaviour)
}

fn on_answer(kind: RequestKind, canned: Canned) -> Rule {
    on(kind, Behaviour::Answer(canned))
}

/// Tests all cases at the same time: nearly all of it goes into pauses.
pub(crate) fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| test(case));
        }
    });
}
