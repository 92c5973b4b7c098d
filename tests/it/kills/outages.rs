//! The registry is killed instead of the client: it comes back, and the run goes on.

use super::points::{self, Part, Point};
use super::promises::{Undisturbed, assert_tidy, assert_whole};
use super::side_by_side;
use super::watch::watched;
use super::workload::{SOURCE, SYNC, Scene, TARGET, images, source, spec, wanted};
use crate::bed::distribution::Distribution;
use crate::bed::memory::{Behaviour, Call, Moment, Registry, RequestKind, Rule};
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use crate::bed::tally;
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

/// Every so many of the points are tried, since the client waits before it tries again.
const EVERY: usize = 7;
/// How long a registry is away, and how long the test waits for it to be asked.
const AWAY: Duration = Duration::from_millis(40);
const ASKED_MAX: Duration = Duration::from_secs(60);

/// Bytes of a layer that were sent when docker-registry is killed.
const SENT_BYTES: u64 = 70_000;

static UNDISTURBED: LazyLock<Undisturbed> = LazyLock::new(Undisturbed::run);

/// A rule that calls when such a request arrives, and never answers it.
fn arrives(rule: Rule) -> (Rule, mpsc::Receiver<()>) {
    let (reached, arrived) = mpsc::channel();
    let call = Call::new(move || reached.send(()).unwrap_or_default());
    (rule.then(Behaviour::Call(Moment::Before, call)).then(Behaviour::Stall), arrived)
}

/// Takes the registry down when the request arrives, and brings it up again.
fn outlive(point: &Point) {
    let (scene, what) = (Scene::new(), format!("away, not {point}"));
    let (rule, arrived) = arrives(point.request());
    let registry = scene.registries()[point.registry];
    registry.rule(rule);
    let look = || scene.targets.iter().map(|target: &Registry| target.tags(TARGET)).collect();
    watched(&what, look, || {
        let running = scene.start();
        arrived.recv_timeout(ASKED_MAX).unwrap_or_else(|_| panic!("{what}: nobody asked"));
        registry.go_down();
        std::thread::sleep(AWAY);
        registry.come_up();
        let finished = running.wait();
        assert_eq!(finished.code, Some(0), "{what}\n{}\n{}", finished.stdout, finished.stderr);
    });
    assert_whole(&scene, &what);
    assert_tidy(&scene.program, &what);
    for (target, holdings) in scene.targets.iter().zip(&UNDISTURBED.holdings) {
        assert_eq!(target.holdings(), *holdings, "{what}");
    }
}

#[test]
fn a_registry_that_goes_down_and_comes_back_is_gone_on_with() {
    let points = points::every(&UNDISTURBED.requests).into_iter().filter(|point| point.is(Part::Before));
    let points: Vec<Point> = points.step_by(EVERY).collect();
    side_by_side(points.len(), |number| outlive(&points[number]));
    tally::count("kills survived", points.len());
}

#[test]
fn a_docker_registry_that_is_killed_in_the_middle_of_a_run_is_gone_on_with() {
    let layers = images().index.blobs.values().filter(|blob| blob.size_bytes > SENT_BYTES);
    let layers: Vec<&str> = layers.map(|layer| layer.digest.as_str()).collect();
    side_by_side(layers.len(), |number| {
        let (source, mut target, program) = (source(), Distribution::plain(), Program::new());
        let targets = [format!("{}/{TARGET}", target.host())];
        program.write("crossdock.yaml", &spec(&format!("{}/{SOURCE}", source.host()), &targets));
        let (reached, arrived) = mpsc::channel();
        let call = Call::new(move || reached.send(()).unwrap_or_default());
        // Some bytes of a blob are on their way to it then.
        let rule = Rule::on(RequestKind::BlobGet).path(layers[number]);
        source.rule(rule.then(Behaviour::Call(Moment::ResponseByte(SENT_BYTES), call)));
        let running = program.spawn(&SYNC);
        arrived.recv_timeout(ASKED_MAX).expect("a blob is read");
        target.restart();
        running.wait().expect_code(0);
        for (tag, wanted) in wanted() {
            let reference = format!("docker://{}/{TARGET}:{tag}", target.host());
            assert_eq!(Skopeo::new().digest(&reference), Ok(wanted.new));
            let folder = tempfile::tempdir().expect("a folder");
            let layout = format!("oci:{}:{tag}", folder.path().display());
            Skopeo::new().copy_all(&reference, &layout).expect("every digest is right");
        }
        assert_tidy(&program, "a killed docker-registry");
    });
    tally::count("kills survived", layers.len());
}
