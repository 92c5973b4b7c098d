//! Images in another form than their source has them: fewer platforms, another format.

mod formats;
mod nested;
mod platforms;
mod real;
mod sparse;

use crate::bed::images::{Format, Image, Layer, Recipe, index};
use crate::bed::memory::{Options, Registry, RequestKind};
use crate::bed::program::{Finished, Program};
use serde_json::Value;

/// A source with `app:1.0`, a target, and the program with one rule between them.
struct Scene {
    source: Registry,
    target: Registry,
    program: Program,
    image: Image,
}

impl Scene {
    /// Mirrors `image` with these keys of the rule, each on a line.
    fn new(image: Image, keys: &str) -> Self {
        Self::towards(Options::new(), image, keys)
    }

    /// The same to a registry with these options.
    fn towards(target: Options, image: Image, keys: &str) -> Self {
        let (source, target, program) = (Registry::start(), target.start(), Program::new());
        source.seed(&image, "app", &["1.0"]);
        target.create("mirror/app");
        let keys: String = keys.lines().map(|line| format!("    {}\n", line.trim())).collect();
        let spec = format!(
            "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\n  {1}: {{ plain_http: true }}\nmirrors:\n\
             \x20 - source: {0}/app\n    target: {1}/mirror/app\n    tags: [\"1.0\"]\n{keys}",
            source.host(),
            target.host()
        );
        program.write("crossdock.yaml", &spec);
        Self { source, target, program, image }
    }

    /// Runs the program with a report.
    fn run(&self, arguments: &[&str]) -> (Finished, Value) {
        self.source.clear_requests();
        self.target.clear_requests();
        let finished = self.program.run(&[arguments, &["--report", "json=report.json"]].concat());
        let report = serde_json::from_str(&self.program.read("report.json")).expect("the report is JSON");
        (finished, report)
    }

    /// Runs `sync`, which must go well, and returns the item of the report.
    fn sync(&self) -> Value {
        let (finished, report) = self.run(&["sync"]);
        finished.expect_code(0);
        report["items"][0].clone()
    }

    /// The digest that a plan says will be at the target.
    fn planned(&self) -> String {
        self.program.run(&["plan", "-o", "plan.json"]).expect_code(0);
        let plan: Value = serde_json::from_str(&self.program.read("plan.json")).expect("the plan is JSON");
        let source = &plan["entries"][0]["source"];
        assert_eq!(source["digest"], self.image.digest());
        source["made"]["digest"].as_str().expect("it is made").to_owned()
    }

    /// The document that the target's tag names.
    fn written(&self) -> Value {
        let manifest = self.target.manifest("mirror/app", "1.0").expect("the tag is there");
        serde_json::from_slice(&manifest.bytes).expect("a manifest is JSON")
    }

    fn tag(&self) -> Option<String> {
        self.target.tag("mirror/app", "1.0")
    }

    /// Runs `sync` once more: so many GETs at the source, one HEAD at the target, and nothing is written.
    fn assert_settled(&self, gets: usize) {
        let item = self.sync();
        assert_eq!(item["outcome"], "current");
        let asked = |registry: &Registry, kind| registry.requests().count(kind);
        assert_eq!(asked(&self.source, RequestKind::ManifestGet), gets, "{}", self.source.requests());
        let about_referrers =
            asked(&self.source, RequestKind::TagList) + asked(&self.source, RequestKind::ReferrersGet);
        assert_eq!(self.source.requests().len(), gets + about_referrers, "{}", self.source.requests());
        assert_eq!(asked(&self.target, RequestKind::ManifestHead), 1);
        // Some do not say in the answer to a HEAD what they have.
        let told = asked(&self.target, RequestKind::ManifestGet);
        assert!(self.target.requests().len() == 1 + told && told <= 1, "{}", self.target.requests());
    }
}

/// One platform's part of an index.
fn part(platform: &str, seed: u64, format: Format) -> Image {
    Recipe::new(seed)
        .format(format)
        .platform(platform)
        .layer(Layer::files(1, 3000))
        .layer(Layer::files(seed, 3000))
        .build()
}

/// Three platforms, each with an attestation.
fn attested() -> Image {
    let parts = ["linux/amd64", "linux/arm64", "windows/amd64"].map(|platform| {
        let seed = platform.bytes().map(u64::from).sum();
        part(platform, seed, Format::Oci)
    });
    let attestations: Vec<Image> = parts.iter().map(attestation).collect();
    index(Format::Oci, &[parts.to_vec(), attestations].concat())
}

/// What BuildKit keeps about an image, different for each.
fn attestation(image: &Image) -> Image {
    let seed = image.digest().bytes().map(u64::from).sum();
    let mut about = part("unknown/unknown", seed, Format::Oci);
    let manifest = about.manifests.last_mut().expect("it has one");
    manifest.annotations.insert("vnd.docker.reference.digest".to_owned(), image.digest());
    manifest.annotations.insert("vnd.docker.reference.type".to_owned(), "attestation-manifest".to_owned());
    about
}
