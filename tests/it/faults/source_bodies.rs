//! Blobs that are broken at the source: what is wrong is never committed, and what may pass is
//! tried again.

use super::raw::Raw;
use super::{Behaviour, Canned, Image, Mirror, Registry, RequestKind, Run, count, large_image, layer_of, on};
use crate::bed::images::{Blob, BlobBytes};
use crate::bed::memory::{Request, Rule};
use serde_json::Value;

/// A source whose layer is broken, and two targets.
struct Bench {
    source: Registry,
    targets: [Registry; 2],
    image: Image,
    layer: String,
}

impl Bench {
    fn new() -> Self {
        let (source, image) = (Registry::start(), large_image(7));
        source.seed(&image, "app", &["1.0"]);
        let layer = layer_of(&image);
        Self { source, targets: [Registry::start(), Registry::start()], image, layer }
    }

    fn broken(&self, behaviour: Behaviour) -> Rule {
        on(RequestKind::BlobGet, behaviour).path(&self.layer)
    }

    fn sync(&self) -> Run {
        let [one, other] = &self.targets;
        let mirror = Mirror::of(&[&self.source, one, other]);
        mirror.copying(&self.source, "app", &[(one, "copy"), (other, "copy")], "1.0").sync()
    }

    fn bytes(&self) -> Vec<u8> {
        let blob = &self.image.blobs[&self.layer];
        let mut bytes = Vec::new();
        while let Some(piece) =
            blob.piece(bytes.len() as u64, blob.size_bytes).filter(|piece| !piece.is_empty())
        {
            bytes.extend_from_slice(&piece);
        }
        bytes
    }

    fn puts_of_layer(&self, target: &Registry) -> Vec<Request> {
        let puts = target.requests().of(RequestKind::UploadPut);
        puts.iter().filter(|put| put.query("digest") == Some(&self.layer)).cloned().collect()
    }

    /// No target got the last byte, or answered, and nothing is left there.
    fn assert_nothing_committed(&self) {
        let size_bytes = self.image.blobs[&self.layer].size_bytes;
        for target in &self.targets {
            for put in self.puts_of_layer(target) {
                assert_eq!(put.status, None, "{put}");
                assert!(put.body_bytes < size_bytes, "{} bytes of {size_bytes}", put.body_bytes);
            }
            assert!(target.blob(&self.layer).is_none());
            assert_eq!(target.tag("copy", "1.0"), None);
            assert_eq!(count(target, RequestKind::ManifestPut), 0);
        }
    }

    fn assert_copied(&self) {
        for target in &self.targets {
            assert!(target.complete("copy", "1.0"));
        }
    }
}

fn is_corrupt_at_the_source(run: &Run) {
    assert_eq!(run.outcomes(), ["corrupt", "corrupt"]);
    assert!(run.error("message").contains("blob"), "{}", run.error("message"));
}

#[test]
fn wrong_bytes_are_committed_nowhere_and_not_fetched_again() {
    let bench = Bench::new();
    let tally = bench.source.rule(bench.broken(Behaviour::WrongBytes));
    let run = bench.sync().code(1);
    is_corrupt_at_the_source(&run);
    bench.assert_nothing_committed();
    assert_eq!(tally.acted(), 1);
    assert!(bench.puts_of_layer(&bench.targets[0])[0].body_bytes > 500_000, "the bytes were on their way");
}

#[test]
fn a_body_that_is_cut_is_continued_and_no_target_notices() {
    for cut_at in [0, 1, 700_000] {
        let bench = Bench::new();
        bench.source.rule(bench.broken(Behaviour::CutResponse(cut_at)).first(1));
        let run = bench.sync().code(0);
        bench.assert_copied();
        for target in &bench.targets {
            let statuses: Vec<_> = bench.puts_of_layer(target).iter().map(|put| put.status).collect();
            assert_eq!(statuses, [Some(201)], "cut at {cut_at}");
        }
        assert_eq!(run.report["items"][0]["attempts"], 1);
    }
}

#[test]
fn a_connection_that_is_reset_in_the_middle_is_gotten_over() {
    let bench = Bench::new();
    bench.source.rule(bench.broken(Behaviour::CutResponse(300_000)).then(Behaviour::Reset).first(1));
    bench.sync().code(0);
    bench.assert_copied();
}

#[test]
fn a_body_without_a_length_is_copied_when_it_is_right() {
    let bench = Bench::new();
    let raw = Raw::unmeasured(&bench.bytes());
    bench.source.rule(bench.broken(Behaviour::RedirectTo(raw.url())));
    bench.sync().code(0);
    bench.assert_copied();
    assert_eq!(raw.served(), 1);
}

#[test]
fn a_body_without_a_length_that_goes_on_too_long_is_corrupt() {
    let bench = Bench::new();
    let mut bytes = bench.bytes();
    bytes.push(0);
    let raw = Raw::unmeasured(&bytes);
    bench.source.rule(bench.broken(Behaviour::RedirectTo(raw.url())));
    is_corrupt_at_the_source(&bench.sync().code(1));
    bench.assert_nothing_committed();
    assert_eq!(raw.served(), 1);
}

#[test]
fn a_body_without_a_length_that_ends_too_early_is_continued() {
    let bench = Bench::new();
    let mut bytes = bench.bytes();
    bytes.pop();
    let raw = Raw::unmeasured(&bytes);
    bench.source.rule(bench.broken(Behaviour::RedirectTo(raw.url())).first(1));
    bench.sync().code(0);
    bench.assert_copied();
    assert_eq!(raw.served(), 1);
    let puts = bench.puts_of_layer(&bench.targets[0]);
    assert_eq!(puts.iter().map(|put| put.status).collect::<Vec<_>>(), [Some(201)]);
}

#[test]
fn a_length_that_is_not_the_manifests_is_corrupt_before_a_byte_is_read() {
    let bench = Bench::new();
    bench.source.rule(bench.broken(Behaviour::Answer(Canned::new(200).body("<html>not found</html>"))));
    is_corrupt_at_the_source(&bench.sync().code(1));
    bench.assert_nothing_committed();
}

#[test]
fn compressed_bytes_are_not_unpacked() {
    let bench = Bench::new();
    let encoding = Behaviour::SetHeader("content-encoding".to_owned(), "gzip".to_owned());
    bench.source.rule(bench.broken(encoding));
    bench.sync().code(0);
    bench.assert_copied();
    let requests = bench.source.requests().of(RequestKind::BlobGet);
    assert!(requests.iter().all(|request| request.header("accept-encoding") == Some("identity")));
}

#[test]
fn an_empty_blob_that_must_not_be_empty_is_committed_nowhere() {
    let image = with_size_of_layer(0);
    let scene = super::Scene::of(image);
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "corrupt");
    let puts = scene.target.requests().of(RequestKind::UploadPut);
    let layer = layer_of(&scene.image);
    assert!(puts.iter().all(|put| put.query("digest") != Some(&layer)), "{puts}");
}

#[test]
fn a_size_that_the_manifest_exaggerates_is_never_reached() {
    let scene = super::Scene::of(with_size_of_layer(1 << 62));
    assert_eq!(scene.sync().code(1).outcome(), "corrupt");
    assert_eq!(scene.target.tag("copy", "1.0"), None);
    assert!(scene.target.blob(&layer_of(&scene.image)).is_none());
}

#[test]
fn an_empty_blob_is_copied() {
    let empty = Blob::new("");
    let mut image = large_image(8);
    let layer = layer_of(&image);
    let mut document = image.root().document();
    document["layers"][0]["digest"] = empty.digest.clone().into();
    document["layers"][0]["size"] = 0.into();
    image.manifests = vec![crate::bed::images::Manifest::new(&image.root().media_type, &document)];
    image.blobs.remove(&layer);
    image.blobs.insert(empty.digest.clone(), empty);
    let scene = super::Scene::of(image);
    scene.sync().code(0);
    assert!(scene.is_copied());
}

/// An image whose manifest lies about the size of its layer.
fn with_size_of_layer(size_bytes: u64) -> Image {
    let mut image = large_image(9);
    let mut document: Value = image.root().document();
    document["layers"][0]["size"] = size_bytes.into();
    image.manifests = vec![crate::bed::images::Manifest::new(&image.root().media_type, &document)];
    assert!(image.blobs.values().all(|blob| !matches!(blob.bytes, BlobBytes::Forgotten)));
    image
}
