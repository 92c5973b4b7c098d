//! Bodies of blobs that break, drip or come in parts: what is asked for again, and that the upload
//! behind them never notices.

mod breaks;
mod connections;
mod held_back;
mod pace;
mod parts;
mod real;

use crate::bed::images::{Image, Layer, Recipe};
use crate::bed::memory::{Behaviour, Request, RequestKind, Rule};
use crate::commands::pair::Pair;
use serde_json::Value;

const MIB: u64 = 1 << 20;

/// A source with an image of one layer that matters, and a target.
struct Bench {
    pair: Pair,
    layer: String,
    size_bytes: u64,
}

impl Bench {
    fn new(size_bytes: u64) -> Self {
        let pair = Pair::new();
        let image = image(size_bytes);
        pair.source.seed(&image, "app", &["1.0"]);
        let layer = layer_of(&image);
        Self { pair, layer, size_bytes }
    }

    /// A rule for the GETs of the layer.
    fn on_layer(&self, behaviour: Behaviour) -> Rule {
        Rule::on(RequestKind::BlobGet).path(&self.layer).then(behaviour)
    }

    /// Mirrors, with these keys of the source beside `plain_http`; the report.
    fn sync(&self, keys: &str, code: i32) -> Value {
        let source = format!("SOURCE: {{ plain_http: true{keys} }}");
        let registries = format!("{source}\nTARGET: {{ plain_http: true }}");
        let rules = "- { source: SOURCE/app, target: TARGET/copy, tags: [\"1.0\"] }";
        self.pair.registries(&registries, rules);
        let (finished, report) = self.pair.report(&["sync", "--deadline", "120s"]);
        finished.expect_code(code);
        report
    }

    /// The ranges that were asked for of the layer, in order; empty where it was the whole.
    fn ranges(&self) -> Vec<String> {
        let gets = self.pair.source.requests().of(RequestKind::BlobGet);
        let of_layer = gets.iter().filter(|get| get.path.ends_with(&self.layer));
        of_layer.map(|get| get.header("range").unwrap_or_default().to_owned()).collect()
    }

    /// The whole, then closed ranges from these bytes to the end.
    fn expected(&self, starts: &[u64]) -> Vec<String> {
        let last = self.size_bytes - 1;
        let rests = starts.iter().map(|start| format!("bytes={start}-{last}"));
        std::iter::once(String::new()).chain(rests).collect()
    }

    /// What became of the uploads of the layer: the status of each, none where it was cut.
    fn uploads(&self) -> Vec<Option<u16>> {
        let puts = self.pair.target.requests().of(RequestKind::UploadPut);
        let of_layer = |put: &&Request| put.query("digest") == Some(&self.layer);
        puts.iter().filter(of_layer).map(|put| put.status).collect()
    }

    fn assert_copied(&self) {
        assert!(self.pair.target.complete("copy", "1.0"));
    }
}

fn image(size_bytes: u64) -> Image {
    Recipe::new(7).layer(Layer::synthetic(7, size_bytes)).build()
}

/// The digest of the largest blob.
fn layer_of(image: &Image) -> String {
    image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob").digest.clone()
}

/// How often requests to the source were made again, as the report says.
fn retries(bench: &Bench, report: &Value) -> u64 {
    let host = bench.pair.source.host();
    let registries = report["registries"].as_array().expect("a list");
    let source = registries.iter().find(|registry| registry["host"] == host.as_str()).expect("the source");
    source["retries"].as_u64().expect("a number")
}
