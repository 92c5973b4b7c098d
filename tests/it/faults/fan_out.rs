//! One source and several targets: one that goes wrong does not hurt the others.

use super::{
    Behaviour, Canned, Image, Mirror, Registry, RequestKind, Rule, Run, count, large_image, layer_of, on,
};

/// A source, and two targets of one rule.
struct Bench {
    source: Registry,
    good: Registry,
    bad: Registry,
    image: Image,
    layer: String,
}

impl Bench {
    fn new() -> Self {
        let (source, image) = (Registry::start(), large_image(11));
        source.seed(&image, "app", &["1.0"]);
        let layer = layer_of(&image);
        Self { source, good: Registry::start(), bad: Registry::start(), image, layer }
    }

    fn sync(&self) -> Run {
        let mirror = Mirror::of(&[&self.source, &self.good, &self.bad]);
        mirror.copying(&self.source, "app", &[(&self.good, "copy"), (&self.bad, "copy")], "1.0").sync()
    }

    fn on_layer(&self, behaviour: Behaviour) -> Rule {
        on(RequestKind::UploadPut, behaviour).path(self.layer.trim_start_matches("sha256:"))
    }

    fn gets_of_layer(&self) -> usize {
        let gets = self.source.requests().of(RequestKind::BlobGet);
        gets.iter().filter(|get| get.path.ends_with(&self.layer)).count()
    }

    /// The good target was not disturbed.
    fn assert_good(&self) {
        assert!(self.good.complete("copy", "1.0"));
        let puts = self.good.requests().of(RequestKind::UploadPut);
        assert!(puts.iter().all(|put| put.status == Some(201)), "{puts}");
        assert_eq!(puts.len(), self.image.blobs.len());
        assert_eq!(count(&self.good, RequestKind::ManifestPut), 1);
    }

    /// What became of both targets: the good one's outcome, then the bad one's.
    fn outcomes(&self, run: &Run) -> [String; 2] {
        let items = run.report["items"].as_array().expect("a list");
        [&self.good, &self.bad].map(|target| {
            let is_its = |item: &&serde_json::Value| {
                item["target"]["reference"].as_str().is_some_and(|text| text.starts_with(&target.host()))
            };
            let item = items.iter().find(is_its).expect("an item");
            let code = item["error"]["code"].as_str();
            code.or(item["outcome"].as_str()).expect("an outcome").to_owned()
        })
    }
}

#[test]
fn a_blob_is_fetched_once_for_all_targets() {
    let bench = Bench::new();
    let run = bench.sync().code(0);
    assert_eq!(bench.outcomes(&run), ["created", "created"]);
    bench.assert_good();
    assert_eq!(count(&bench.source, RequestKind::BlobGet), bench.image.blobs.len());
    assert_eq!(count(&bench.source, RequestKind::ManifestGet), 1);
}

#[test]
fn a_target_that_breaks_off_in_the_middle_is_served_again_alone() {
    for behaviour in [
        Behaviour::CutRequest(100_000),
        Behaviour::Answer(Canned::new(500)),
        Behaviour::AnswerUnread(Canned::new(503)),
        Behaviour::Drop,
    ] {
        let bench = Bench::new();
        bench.bad.rule(bench.on_layer(behaviour).first(1));
        let run = bench.sync().code(0);
        assert_eq!(bench.outcomes(&run), ["created", "created"]);
        bench.assert_good();
        assert!(bench.bad.complete("copy", "1.0"));
        assert_eq!(bench.gets_of_layer(), 2);
    }
}

#[test]
fn a_target_that_stays_bad_fails_alone() {
    let full = Canned::new(500).error("UNKNOWN", "write /var/lib: no space left on device");
    let denied = Canned::new(403).error("DENIED", "requested access to the resource is denied");
    let cases = [(Canned::new(413), "protocol", 3), (full, "target_full", 3), (denied, "denied", 5)];
    for (canned, code, exit) in cases {
        let bench = Bench::new();
        let tally = bench.bad.rule(bench.on_layer(Behaviour::Answer(canned)));
        let run = bench.sync().code(exit);
        assert_eq!(bench.outcomes(&run), ["created", code]);
        bench.assert_good();
        assert_eq!(tally.acted(), 1);
        assert_eq!((bench.gets_of_layer(), bench.bad.tag("copy", "1.0")), (1, None));
        assert_eq!(count(&bench.bad, RequestKind::ManifestPut), 0);
    }
}

#[test]
fn a_refusal_that_comes_before_the_body_was_read_hurts_nobody_else() {
    let bench = Bench::new();
    let tally = bench.bad.rule(bench.on_layer(Behaviour::AnswerUnread(Canned::new(413))));
    let run = bench.sync().code(3);
    let [good, bad] = bench.outcomes(&run);
    assert_eq!(good, "created");
    bench.assert_good();
    // A reset may overtake the answer; then it is tried again.
    assert!(["protocol", "network"].contains(&bad.as_str()), "{bad}");
    assert!((1..=6).contains(&tally.acted()), "{}", tally.acted());
}

#[test]
fn a_target_that_takes_no_manifest_fails_alone() {
    let bench = Bench::new();
    bench.bad.rule(Rule::on(RequestKind::ManifestPut).answer(415));
    let run = bench.sync().code(3);
    assert_eq!(bench.outcomes(&run), ["created", "unsupported_manifest"]);
    bench.assert_good();
}

#[test]
fn a_target_that_cannot_be_looked_at_fails_alone_and_is_not_written_to() {
    let bench = Bench::new();
    bench.bad.rule(Rule::on(RequestKind::ManifestHead).answer(418));
    let run = bench.sync().code(3);
    assert_eq!(bench.outcomes(&run), ["created", "protocol"]);
    bench.assert_good();
    assert!(bench.bad.requests().writes().is_empty());
}
