//! A docker-registry behind a line that breaks: the faults of the memory registry, before a real one.

use crate::bed::distribution::Distribution;
use crate::bed::images::{Image, Layer, Recipe};
use crate::bed::memory::{Behaviour, Request, RequestKind, Rule};
use crate::bed::program::Program;
use crate::bed::proxy::Proxy;
use crate::bed::skopeo::Skopeo;
use crate::bed::tally;
use std::time::Duration;

/// Bytes of the layer that is broken.
const LARGE_BYTES: u64 = 3 << 20;

/// Two real registries, each behind a proxy, and an image in the first.
struct Bench {
    source: Proxy,
    target: Proxy,
    /// Where the proxies lead, held to be alive.
    behind: [Distribution; 2],
    image: Image,
    layer: String,
    program: Program,
}

impl Bench {
    fn new() -> Self {
        let layer = Layer::synthetic(9, LARGE_BYTES);
        let digest = layer.blob.digest.clone();
        let image = Recipe::new(1).layer(Layer::files(2, 3000)).layer(layer).build();
        let behind = [Distribution::plain(), Distribution::plain()];
        let folder = tempfile::tempdir().expect("a folder");
        image.write_layout(folder.path(), "1.0");
        let (layout, there) = (format!("oci:{}:1.0", folder.path().display()), behind[0].host());
        Skopeo::new().copy_all(&layout, &format!("docker://{there}/app:1.0")).expect("copied");
        let [source, target] = [0, 1].map(|number: usize| Proxy::before(behind[number].host()));
        let program = Program::new();
        let spec = format!(
            "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\n  {1}: {{ plain_http: true }}\n\
             mirrors: [{{ source: {0}/app, target: {1}/copy, tags: ['1.0'] }}]\n",
            source.host(),
            target.host(),
        );
        program.write("crossdock.yaml", &spec);
        Self { source, target, behind, image, layer: digest, program }
    }

    /// Mirrors, and lets skopeo read every byte at the target.
    fn mirrors(&self) {
        self.program.run(&["sync"]).expect_code(0);
        let reference = format!("docker://{}/copy:1.0", self.behind[1].host());
        assert_eq!(Skopeo::new().inspect_raw(&reference).expect("there"), self.image.root().bytes);
        let folder = tempfile::tempdir().expect("a folder");
        let layout = format!("oci:{}:1.0", folder.path().display());
        Skopeo::new().copy_all(&reference, &layout).expect("every digest is right");
        tally::count("faults", 1);
    }

    fn on_layer(&self, kind: RequestKind) -> Rule {
        Rule::on(kind).path(self.layer.trim_start_matches("sha256:")).first(1)
    }

    /// The requests of a kind that are about the layer.
    fn about_layer(&self, proxy: &Proxy, kind: RequestKind) -> Vec<Request> {
        let is_about = |request: &&Request| {
            request.path.ends_with(&self.layer) || request.query("digest") == Some(&self.layer)
        };
        proxy.requests().of(kind).iter().filter(is_about).cloned().collect()
    }
}

#[test]
fn a_read_that_breaks_goes_on_where_it_was() {
    for reset in [false, true] {
        let bench = Bench::new();
        let rule = bench.on_layer(RequestKind::BlobGet).then(Behaviour::CutResponse(1 << 20));
        let tally = bench.source.rule(if reset { rule.then(Behaviour::Reset) } else { rule });
        bench.mirrors();
        let gets = bench.about_layer(&bench.source, RequestKind::BlobGet);
        assert_eq!((tally.acted(), gets.len(), gets[1].status), (1, 2, Some(206)), "{gets:?}");
        let sent: u64 = gets.iter().map(|get| get.sent_bytes).sum();
        assert!(sent <= LARGE_BYTES + (1 << 20), "{sent} bytes were read of {LARGE_BYTES}");
    }
}

#[test]
fn wrong_bytes_from_a_real_registry_are_never_committed() {
    let bench = Bench::new();
    bench.source.rule(bench.on_layer(RequestKind::BlobGet).then(Behaviour::WrongBytes));
    let finished = bench.program.run(&["sync"]).expect_code(1);
    assert!(finished.stdout.contains("[corrupt]"), "{}", finished.stdout);
    let puts = bench.about_layer(&bench.target, RequestKind::UploadPut);
    assert!(puts.iter().all(|put| put.status.is_none() && put.body_bytes < LARGE_BYTES), "{puts:?}");
    assert_eq!(bench.target.requests().count(RequestKind::ManifestPut), 0);
    bench.mirrors();
}

#[test]
fn an_upload_that_breaks_is_made_again() {
    for reset in [false, true] {
        let bench = Bench::new();
        let rule = bench.on_layer(RequestKind::UploadPut).then(Behaviour::CutRequest(1 << 20));
        let tally = bench.target.rule(if reset { rule.then(Behaviour::Reset) } else { rule });
        bench.mirrors();
        let puts = bench.about_layer(&bench.target, RequestKind::UploadPut);
        assert_eq!((tally.acted(), puts.last().and_then(|put| put.status)), (1, Some(201)), "{puts:?}");
    }
}

#[test]
fn an_upload_whose_answer_is_lost_is_found_and_not_made_again() {
    let bench = Bench::new();
    bench.target.rule(bench.on_layer(RequestKind::UploadPut).then(Behaviour::DropAfter));
    bench.mirrors();
    let puts = bench.about_layer(&bench.target, RequestKind::UploadPut);
    assert_eq!(puts.len(), 1, "{puts:?}");
}

#[test]
fn a_tag_whose_answer_is_lost_is_written() {
    let bench = Bench::new();
    let tally = bench.target.rule(Rule::on(RequestKind::ManifestPut).first(1).then(Behaviour::DropAfter));
    bench.mirrors();
    assert_eq!(tally.acted(), 1);
}

#[test]
fn a_line_that_is_slow_and_busy_is_waited_for() {
    let bench = Bench::new();
    let drip = Behaviour::Drip { piece_bytes: 256 << 10, pause: Duration::from_millis(5) };
    bench.source.rule(Rule::on(RequestKind::BlobGet).then(drip));
    bench.source.rule(Rule::on(RequestKind::ManifestGet).first(1).answer(503));
    bench.target.rule(Rule::any().method("POST").first(2).then(Behaviour::Drop));
    bench.target.rule(Rule::any().every(3).then(Behaviour::Delay(Duration::from_millis(20))));
    bench.mirrors();
    let gets = bench.about_layer(&bench.source, RequestKind::BlobGet);
    assert_eq!(gets.len(), 1, "{gets:?}");
}
