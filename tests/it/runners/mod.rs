//! The image as each CI runs it: as which user, with which entry point, mounts and environment.

mod assembled;
mod copied;
mod github;
mod gitlab;
mod jenkins;
mod names;
mod shells;
mod tekton;
mod woodpecker;

use crate::bed::distribution::Distribution;
use crate::bed::images::{Format, one_platform};
use crate::bed::skopeo::Skopeo;
use crossdock::ci::input::INPUTS;

/// Two real registries: the source has `app:1.0`.
struct Registries {
    source: Distribution,
    target: Distribution,
}

impl Registries {
    fn new() -> Self {
        let registries = Self { source: Distribution::plain(), target: Distribution::plain() };
        let image = one_platform(1, Format::Oci);
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        image.write_layout(place.path(), "1.0");
        let from = format!("oci:{}:1.0", place.path().display());
        let to = format!("docker://{}/app:1.0", registries.source.host());
        Skopeo::new().copy_all(&from, &to).expect("the registry takes an image");
        registries
    }

    /// A spec that mirrors the image.
    fn spec(&self) -> String {
        let (source, target) = (self.source.host(), self.target.host());
        format!(
            "version: 1\nregistries:\n  {source}: {{ plain_http: true }}\n  {target}: {{ plain_http: true }}\n\
             mirrors:\n  - {{ name: app, source: {source}/app, target: {target}/mirror/app, tags: [\"1.0\"] }}\n"
        )
    }

    /// Fails the test unless the target has what the source has.
    fn assert_mirrored(&self) {
        let digest = |host: &str, path: &str| Skopeo::new().digest(&format!("docker://{host}/{path}:1.0"));
        let (source, target) = (digest(self.source.host(), "app"), digest(self.target.host(), "mirror/app"));
        assert_eq!(target.expect("it is there"), source.expect("it is there"));
    }
}

/// What `toJSON(inputs)` is: every input of the action, those that nobody gave as empty texts.
fn inputs(given: &[(&str, &str)]) -> String {
    let mut all: serde_json::Map<String, serde_json::Value> =
        INPUTS.iter().map(|input| (input.name.to_owned(), "".into())).collect();
    for (name, value) in given {
        let known = all.insert((*name).to_owned(), (*value).into());
        assert!(known.is_some(), "there is no input {name}");
    }
    serde_json::Value::Object(all).to_string()
}
