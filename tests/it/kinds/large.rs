//! Layers that are larger than what some registries take at once.

use super::{Format, Image, Layer, Options, Personality, Recipe, RequestKind, Stage, bob, table};
use crate::bed::memory::Storage;

/// More than Azure takes in one PUT, and more than two of the pieces that it gets then.
const LAYER_BYTES: u64 = 36 << 20;

fn image(personality: Personality) -> Image {
    let format = if personality == Personality::Swr { Format::Docker } else { Format::Oci };
    Recipe::new(1).format(format).layer(Layer::synthetic(1, LAYER_BYTES)).build()
}

pub(super) fn large(personality: Personality) -> Stage {
    let options = Options::like(personality).users(bob()).storage(Storage::Hashed);
    let stage = Stage::with(personality, options).prepared(&["mirror/app"]);
    stage.other.seed(&image(personality), "app", &["1.0"]);
    stage.pushing("app", "mirror/app", "['1.0']")
}

#[test]
fn a_large_layer_goes_in_the_way_that_the_registry_takes() {
    insta::assert_snapshot!(table(|personality| {
        let stage = large(personality);
        let run = stage.sync();
        run.expect("exit 0: created 1");
        run.told_with(&stage)
    }));
}

#[test]
fn no_piece_is_larger_than_the_registry_takes() {
    let stage = large(Personality::Acr);
    stage.sync().expect("exit 0: created 1");
    let pieces = stage.kind.requests().of(RequestKind::UploadPatch);
    assert!(pieces.iter().all(|piece| piece.body_bytes <= 20 << 20), "{pieces}");
    assert!(pieces.iter().all(|piece| piece.header("content-length").is_some()), "{pieces}");
    let sent = stage.kind.requests().received_bytes();
    assert!(sent < LAYER_BYTES + (1 << 20), "{sent} bytes: every byte was sent once");
}
