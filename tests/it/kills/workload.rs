//! What is mirrored while somebody is killed: three tags, two platforms, a layer that all share.

use crate::bed::images::{Format, Image, Layer, Recipe, index};
use crate::bed::memory::Registry;
use crate::bed::program::{Finished, Program, Running};
use crate::bed::wire::Ask;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Bytes of a layer: several reads and several pieces, so that there is a middle to be killed in.
const LAYER_BYTES: usize = 150_000;
/// Where the images are.
pub(super) const SOURCE: &str = "app";
/// Where they go.
pub(super) const TARGET: &str = "copy";
/// What is run.
pub(super) const SYNC: [&str; 5] = ["sync", "--progress", "none", "--report", "json=report.json"];
/// How long a registry has to do with what reached it before its client was killed.
const QUIET_MAX: Duration = Duration::from_secs(20);

/// The images.
pub(super) struct Images {
    /// What `latest` is at the targets before.
    pub(super) old: Image,
    /// `1.0`: an index of two platforms.
    pub(super) index: Image,
    /// `1.1`, and `latest` at the source.
    pub(super) new: Image,
}

/// What a tag may name: nothing or the old image, and the new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) old: Option<String>,
    pub(super) new: String,
}

/// A source, two targets, and the program between them.
pub(super) struct Scene {
    pub(super) source: Registry,
    pub(super) targets: [Registry; 2],
    pub(super) program: Program,
}

static IMAGES: LazyLock<Images> = LazyLock::new(|| {
    let layer = |seed| Layer::files(seed, LAYER_BYTES);
    let base = layer(1);
    let image = |seed, platform: &str| {
        Recipe::new(seed).platform(platform).layer(base.clone()).layer(layer(seed)).build()
    };
    Images {
        old: Recipe::new(2).layer(layer(2)).build(),
        index: index(Format::Oci, &[image(3, "linux/amd64"), image(4, "linux/arm64")]),
        new: image(5, "linux/amd64"),
    }
});

/// The images, which are the same for all scenes.
pub(super) fn images() -> &'static Images {
    &IMAGES
}

/// What each tag may name at a target.
pub(super) fn wanted() -> BTreeMap<String, Wanted> {
    let Images { old, index, new } = images();
    let wanted = |tag: &str, old: Option<&Image>, new: &Image| {
        (tag.to_owned(), Wanted { old: old.map(Image::digest), new: new.digest() })
    };
    [wanted("1.0", None, index), wanted("1.1", None, new), wanted("latest", Some(old), new)].into()
}

/// A source that has them all.
pub(super) fn source() -> Registry {
    let (source, Images { index, new, .. }) = (Registry::start(), images());
    source.seed(index, SOURCE, &["1.0"]);
    source.seed(new, SOURCE, &["1.1", "latest"]);
    source
}

/// The spec: from one repository to others, in registries that speak plain HTTP. Who speaks about the images is
/// not asked: which of them is asked about first is chance, and `signed` has kills of that.
pub(super) fn spec(source: &str, targets: &[String]) -> String {
    let mut text = String::from("version: 1\nregistries:\n");
    let hosts = [source].into_iter().chain(targets.iter().map(String::as_str));
    let hosts = hosts.filter(|repository| !repository.starts_with("oci:"));
    for host in hosts.filter_map(|repository| repository.split('/').next()) {
        writeln!(text, "  {host}: {{ plain_http: true }}").expect("a string takes all");
    }
    let targets = targets.join(", ");
    text + &format!(
        "mirrors:\n  - {{ source: {source}, target: [{targets}], tags: ['1.0', '1.1', latest], referrers: none }}\n"
    )
}

impl Scene {
    /// Nothing is mirrored yet.
    pub(super) fn new() -> Self {
        let targets = [Registry::start(), Registry::start()];
        targets.iter().for_each(|target| target.seed(&images().old, TARGET, &["latest"]));
        let scene = Self { source: source(), targets, program: Program::new() };
        scene.write_spec(&scene.program);
        scene
    }

    /// Gives a program the spec of this scene.
    pub(super) fn write_spec(&self, program: &Program) {
        let targets = self.targets.iter().map(|target| format!("{}/{TARGET}", target.host()));
        let source = format!("{}/{SOURCE}", self.source.host());
        program.write("crossdock.yaml", &spec(&source, &targets.collect::<Vec<_>>()));
    }

    /// The source and the targets.
    pub(super) fn registries(&self) -> [&Registry; 3] {
        let [one, other] = &self.targets;
        [&self.source, one, other]
    }

    /// Starts a run.
    pub(super) fn start(&self) -> Running {
        self.program.spawn(&SYNC)
    }

    /// Runs to the end.
    pub(super) fn run(&self) -> Finished {
        self.program.run(&SYNC)
    }

    /// Lets the registries behave, and forget what was asked of them.
    pub(super) fn calm(&self) {
        self.registries().into_iter().for_each(|registry| {
            registry.clear_rules();
            registry.clear_requests();
        });
    }

    /// Waits until the registries have done with whatever reached them.
    pub(super) fn quiet(&self) {
        let started = Instant::now();
        for registry in self.registries() {
            // Connections are taken in their order: before this one, all that were made by the dead.
            Ask::new("GET", "/v2/").send(&registry.host()).expect("it lives");
            while !registry.is_alone() {
                assert!(started.elapsed() < QUIET_MAX, "still at it:\n{}", registry.requests());
                std::thread::sleep(Duration::from_micros(500));
            }
        }
    }
}
