//! Bundles as they are written: read by `tar`, `sha256sum` and skopeo, asked for by requests, killed and gone
//! on with. Who reads them back is in `archive`.

mod contents;
mod delta;
mod ending;
mod going_on;
mod kills;
mod memory;
mod parts;

use crate::bed::digest::sha256;
use crate::bed::images::{Format, Image, Layer, Recipe, index};
use crate::bed::memory::{Registry, RequestKind};
use crate::bed::program::{Finished, Program, Running};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

/// Where images go: a registry that nobody can reach from here, as across an air gap.
const TARGET: &str = "harbor.invalid/mirror/app";
/// Where they are.
const SOURCE: &str = "team/app";
/// Bytes of a layer: several reads and several pieces.
const LAYER_BYTES: usize = 150_000;
/// What is run.
const CREATE: [&str; 8] =
    ["bundle", "create", "-o", "site.tar", "--progress", "none", "--report", "json=report.json"];

/// A registry on the open side, and the program.
struct Scene {
    source: Registry,
    program: Program,
}

/// A bundle that was read by somebody else's code.
struct Bundle {
    /// The names of its members, in order.
    names: Vec<String>,
    members: BTreeMap<String, Vec<u8>>,
}

fn image(seed: u64, layers: &[u64]) -> Image {
    let layers = layers.iter().map(|seed| Layer::files(*seed, LAYER_BYTES));
    layers.fold(Recipe::new(seed), Recipe::layer).build()
}

/// `1.0`: two platforms, which share a layer with `1.1`.
fn two() -> Image {
    let image = |seed, platform: &str| {
        let (base, own) = (Layer::files(1, LAYER_BYTES), Layer::files(seed, LAYER_BYTES));
        Recipe::new(seed).platform(platform).layer(base).layer(own).build()
    };
    index(Format::Oci, &[image(2, "linux/amd64"), image(3, "linux/arm64")])
}

/// `1.1`.
fn one() -> Image {
    image(4, &[1, 4])
}

impl Scene {
    /// Two tags, and a spec for them.
    fn new() -> Self {
        let scene = Self::with("tags: ['1.0', '1.1'], referrers: none");
        scene.source.seed(&two(), SOURCE, &["1.0"]);
        scene.source.seed(&one(), SOURCE, &["1.1"]);
        scene
    }

    /// Nothing yet, and a spec of one rule with these keys.
    fn with(keys: &str) -> Self {
        Self::of(Registry::start(), keys)
    }

    fn of(source: Registry, keys: &str) -> Self {
        let scene = Self { source, program: Program::new() };
        let host = scene.source.host();
        scene.program.write(
            "crossdock.yaml",
            &format!(
                "version: 1\nregistries:\n  {host}: {{ plain_http: true }}\nmirrors:\n- {{ source: {host}/{SOURCE}, \
                 target: {TARGET}, {keys} }}\n"
            ),
        );
        scene
    }

    fn create(&self, more: &[&str]) -> Finished {
        self.start(more).wait()
    }

    fn start(&self, more: &[&str]) -> Running {
        self.program.spawn(&[&CREATE[..], more].concat())
    }

    fn bundle(&self) -> Bundle {
        Bundle::read(&self.bytes("site.tar"))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.program.work().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn has(&self, name: &str) -> bool {
        self.program.work().join(name).exists()
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.program.read("report.json")).expect("JSON")
    }

    /// The digests of the blobs that were fetched since the requests were forgotten, each as often as it was.
    fn fetched(&self) -> Vec<String> {
        let gets = self.source.requests().of(RequestKind::BlobGet);
        let digest = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut digests: Vec<String> = gets.iter().map(|get| digest(&get.path)).collect();
        digests.sort();
        digests
    }
}

impl Bundle {
    fn read(bytes: &[u8]) -> Self {
        let (names, members) = members(bytes);
        Self { names, members }
    }

    fn index(&self) -> Value {
        serde_json::from_slice(&self.members["index.json"]).expect("JSON")
    }

    /// The digests of everything below `blobs/`.
    fn blobs(&self) -> BTreeSet<String> {
        let hex = self.names.iter().filter_map(|name| name.strip_prefix("blobs/sha256/"));
        hex.map(|hex| format!("sha256:{hex}")).collect()
    }

    /// Whether every member is what its name says, and none is there twice.
    fn assert_sound(&self) {
        assert_eq!(self.names.len(), self.members.len(), "a member is there twice: {:?}", self.names);
        assert_eq!(self.names[..2], ["oci-layout", "index.json"]);
        for (name, bytes) in self.members.iter().filter(|(name, _)| name.starts_with("blobs/")) {
            assert_eq!(format!("blobs/{}", sha256(bytes).replace(':', "/")), *name);
        }
    }
}

/// The members of a tar, up to its end or to what is no header.
fn members(bytes: &[u8]) -> (Vec<String>, BTreeMap<String, Vec<u8>>) {
    let mut archive = tar::Archive::new(bytes);
    let (mut names, mut members) = (Vec::new(), BTreeMap::new());
    for entry in archive.entries().expect("a tar") {
        let Ok(mut entry) = entry else { break };
        let name = entry.path().expect("a path").to_string_lossy().into_owned();
        let mut content = Vec::new();
        if entry.read_to_end(&mut content).is_err() {
            break;
        }
        names.push(name.clone());
        members.insert(name, content);
    }
    (names, members)
}

/// The digests of all that an image is made of.
fn parts(image: &Image) -> BTreeSet<String> {
    let manifests = image.manifests.iter().map(|manifest| manifest.digest.clone());
    manifests.chain(image.blobs.keys().cloned()).collect()
}
