//! Registries that go away in the middle of a run: nobody listens at their port for a while.

use super::{Behaviour, Mirror, Registry, RequestKind, Rule, Run};
use crate::bed::images::{Image, Layer, Recipe};
use crate::bed::memory::{Call, Moment};
use crate::bed::tally;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

const IMAGES: u64 = 8;

/// Which end goes away, and when.
#[derive(Debug, Clone, Copy)]
struct Outage {
    at_target: bool,
    /// With the nth of these requests.
    kind: RequestKind,
    nth: u64,
    /// How long it is away, and how often.
    away: Duration,
    times: u32,
}

struct Bench {
    source: Arc<Registry>,
    target: Arc<Registry>,
}

impl Bench {
    fn new() -> Self {
        let (source, target) = (Arc::new(Registry::start()), Arc::new(Registry::start()));
        for number in 0..IMAGES {
            source.seed(&image(number), &format!("app-{number}"), &["1.0"]);
        }
        Self { source, target }
    }

    fn sync(&self) -> Run {
        let mut mirror = Mirror::of(&[&self.source, &self.target]);
        // Slow enough that a run is in the middle when somebody goes away.
        mirror = mirror.limits(&self.target, "concurrent_requests: 4");
        mirror = mirror.limits(&self.source, "concurrent_requests: 4");
        for number in 0..IMAGES {
            let (name, copy) = (format!("app-{number}"), format!("copy-{number}"));
            mirror = mirror.copying(&self.source, &name, &[(&self.target, &copy)], "1.0");
        }
        mirror.sync()
    }

    /// Lets one end go away as `outage` says, by a thread of its own: a registry cannot stop itself.
    fn arrange(&self, outage: Outage) -> JoinHandle<()> {
        let registry = if outage.at_target { &self.target } else { &self.source };
        let (tell, told) = mpsc::channel();
        let call = Call::new(move || {
            // Nobody listens any more when it was told once.
            let _ = tell.send(());
        });
        registry.rule(Rule::on(outage.kind).nth(outage.nth).then(Behaviour::Call(Moment::Before, call)));
        let registry = Arc::clone(registry);
        std::thread::spawn(move || {
            told.recv().expect("the run comes so far");
            for _ in 0..outage.times {
                registry.go_down();
                std::thread::sleep(outage.away);
                registry.come_up();
                std::thread::sleep(outage.away / 2);
            }
        })
    }
}

fn image(number: u64) -> Image {
    Recipe::new(number).layer(Layer::synthetic(number, 200_000)).build()
}

fn survives(outage: Outage) {
    let bench = Bench::new();
    let sky = bench.arrange(outage);
    let run = bench.sync().code(0);
    sky.join().expect("it was arranged");
    assert_eq!(run.outcomes(), vec!["created"; IMAGES as usize], "{outage:?}");
    for number in 0..IMAGES {
        assert!(bench.target.complete(&format!("copy-{number}"), "1.0"), "{outage:?}: {number}");
    }
    let asked = bench.source.requests().len() + bench.target.requests().len();
    // Without outages 10 an image. What was under way is made again, and what was begun: each of its
    // uploads finds nobody once.
    let most = IMAGES as usize * 10 + 40 * outage.times as usize;
    assert!(asked <= most, "{outage:?}: {asked} requests");
    tally::count("faults", outage.times as usize);
}

#[test]
fn a_registry_that_is_away_for_seconds_is_waited_for() {
    let long = Duration::from_millis(2500);
    let short = Duration::from_millis(300);
    let outages = [
        (false, RequestKind::ManifestHead, 3, long, 1),
        (false, RequestKind::BlobGet, 4, long, 1),
        (true, RequestKind::UploadPut, 4, long, 1),
        (true, RequestKind::ManifestPut, 2, long, 1),
        // Flapping.
        (false, RequestKind::BlobGet, 2, short, 4),
        (true, RequestKind::Mount, 2, short, 4),
        // Restarted: connections and what was under way are gone.
        (false, RequestKind::BlobGet, 5, Duration::ZERO, 1),
        (true, RequestKind::UploadPut, 5, Duration::ZERO, 1),
    ];
    super::at_once(outages, |(at_target, kind, nth, away, times)| {
        survives(Outage { at_target, kind, nth, away, times });
    });
}

#[test]
fn while_a_registry_is_away_one_request_at_a_time_looks_for_it() {
    let bench = Bench::new();
    let away = Duration::from_secs(4);
    let outage = Outage { at_target: false, kind: RequestKind::ManifestHead, nth: 2, away, times: 1 };
    let sky = bench.arrange(outage);
    let run = bench.sync().code(0);
    sky.join().expect("it was arranged");
    // Alone, each of eight would look five times in that time.
    let host = bench.source.host();
    let registries = run.report["registries"].as_array().expect("a list");
    let of_host = registries.iter().find(|entry| entry["host"] == host.as_str()).expect("it was asked");
    let retries = of_host["retries"].as_u64().expect("a number");
    assert!((1..=20).contains(&retries), "{retries} requests were made again");
}

#[test]
fn storage_that_is_not_there_is_no_reason_to_wait_for_the_registry() {
    let bench = Bench::new();
    let gone = crate::bed::listening::free_port().local_addr().expect("a bound socket has an address");
    let layer = super::layer_of(&image(0));
    let away = Behaviour::RedirectTo(format!("http://{gone}"));
    let tally = bench.source.rule(Rule::on(RequestKind::BlobGet).path(&layer).then(away));
    let run = bench.sync().code(3);
    let mut outcomes = run.outcomes();
    outcomes.sort();
    assert_eq!(outcomes, [vec!["created"; IMAGES as usize - 1], vec!["network"]].concat());
    assert_eq!(tally.acted(), 6, "{}", bench.source.requests());
    tally::count("faults", 1);
}
