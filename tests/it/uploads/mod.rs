//! How blobs go into registries that take them otherwise, or break off: what is asked and sent.

mod answers;
mod learning;
mod memory;
mod real;
mod resuming;
mod targets;

use crate::bed::images::{Image, Layer, Recipe};
use crate::bed::memory::{Behaviour, Canned, Options, Registry, Request, RequestKind, Rule};
use crate::faults::mirror::{Mirror, Run};

const MIB: u64 = 1 << 20;

/// A source with an image of one layer, and a target that wants the layer in chunks.
struct Scene {
    source: Registry,
    target: Registry,
    image: Image,
    layer: String,
}

impl Scene {
    /// A layer of 5 MiB. The target refuses it as one PUT, and so gets chunks of 2 MiB.
    fn chunked() -> Self {
        Self::chunked_at(Options::new())
    }

    fn chunked_at(options: Options) -> Self {
        let scene = Self::plain(5 * MIB, options);
        scene.target.rule(scene.on_layer(RequestKind::UploadPut).first(1).answer(413));
        scene
    }

    /// A layer of `bytes`, and a target that has refused nothing yet.
    fn plain(bytes: u64, options: Options) -> Self {
        let image = Recipe::new(bytes).layer(Layer::synthetic(bytes, bytes)).build();
        let (source, target) = (Registry::start(), options.start());
        source.seed(&image, "app", &["1.0"]);
        let layer = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob").digest.clone();
        Self { source, target, image, layer }
    }

    fn mirror(&self) -> Mirror {
        let mirror = Mirror::of(&[&self.source, &self.target]);
        mirror.copying(&self.source, "app", &[(&self.target, "copy")], "1.0")
    }

    /// Copies, and expects that everything arrives.
    fn sync(&self) -> Run {
        self.sync_as("plain_http: true")
    }

    /// The same with these settings of the target.
    fn sync_as(&self, keys: &str) -> Run {
        let run = self.mirror().setting(&self.target, keys).sync().code(0);
        assert_eq!(self.target.tag("copy", "1.0"), Some(self.image.digest()));
        assert_eq!(self.target.missing("copy", "1.0"), [""; 0]);
        run
    }

    /// A rule for the requests of the layer; PATCHes are all of it.
    fn on_layer(&self, kind: RequestKind) -> Rule {
        let rule = Rule::on(kind);
        match kind {
            RequestKind::UploadPatch | RequestKind::UploadStatus => rule,
            _ => rule.path(self.layer.trim_start_matches("sha256:")),
        }
    }

    /// Every request about the layer's bytes after the first `skipped`, as `PATCH 0-9 202`.
    fn bytes_asked(&self) -> Vec<String> {
        shown(&self.target, &self.layer)
    }

    /// The ranges that the source was asked for of the layer; `all` where there was none.
    fn gets(&self) -> Vec<String> {
        let gets = self.source.requests().of(RequestKind::BlobGet);
        let of_layer = gets.iter().filter(|get| get.path.ends_with(&self.layer));
        of_layer.map(|get| get.header("range").unwrap_or("all").to_owned()).collect()
    }
}

/// The requests to `target` that carry or concern the bytes of `layer`.
fn shown(target: &Registry, layer: &str) -> Vec<String> {
    let requests = target.requests();
    let session = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let of_layer = |request: &&Request| match request.kind {
        RequestKind::UploadPut => request.query("digest") == Some(layer),
        RequestKind::BlobHead => request.path.ends_with(layer),
        RequestKind::UploadPatch | RequestKind::UploadStatus | RequestKind::UploadDelete => true,
        _ => false,
    };
    let show = |request: &Request| {
        let what = match (request.kind, request.header("content-range")) {
            (RequestKind::UploadPut, _) => request.header("content-length").unwrap_or("?").to_owned(),
            (RequestKind::UploadPatch, None) => request.header("content-length").unwrap_or("?").to_owned(),
            (_, Some(range)) => range.to_owned(),
            (RequestKind::UploadStatus, _) => "where".to_owned(),
            _ => session(&request.path)[..6].to_owned(),
        };
        let status = request.status.map_or("-".to_owned(), |status| status.to_string());
        format!("{} {what} {status}", request.method)
    };
    requests.iter().filter(of_layer).map(show).collect()
}

fn error(status: u16, code: &str) -> Behaviour {
    Behaviour::Answer(Canned::new(status).error(code, "no"))
}

fn header(name: &str, value: &str) -> Behaviour {
    Behaviour::SetHeader(name.to_owned(), value.to_owned())
}

/// What is asked of a layer of 5 MiB in chunks of 2 MiB when nothing goes wrong, after the refusal.
const SMOOTH: [&str; 5] = [
    "PUT 5242880 413",
    "PATCH 0-2097151 202",
    "PATCH 2097152-4194303 202",
    "PATCH 4194304-5242879 202",
    "PUT 0 201",
];
