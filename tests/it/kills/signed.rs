//! Killed while an image is copied with what speaks about it: the next run does the rest, and no tag was
//! there before its signatures.

use super::points::{self, Part, Point};
use super::side_by_side;
use crate::bed::images::artifacts::{cosign_signature, notation};
use crate::bed::images::{Format, Whole, one_platform};
use crate::bed::memory::{Holding, Options, Referrers, Registry, RequestKind, Requests};
use crate::bed::program::{Program, Victim};
use crate::bed::tally;
use std::collections::BTreeMap;
use std::time::Duration;

const SYNC: [&str; 3] = ["sync", "--progress", "none"];

/// A source that lists referrers, a target that does not, and the program between them.
struct Scene {
    source: Registry,
    target: Registry,
    program: Program,
}

fn whole() -> Whole {
    let image = one_platform(1, Format::Oci);
    let root = image.root().clone();
    let signature = notation(&root, 1);
    Whole::new(image).attach(signature.clone()).attach(notation(signature.root(), 2)).beside(
        &root.digest,
        "sig",
        cosign_signature(&root, &[3]),
    )
}

impl Scene {
    fn new() -> Self {
        let source = whole().start(Referrers::Filtered, "app", "1");
        let (target, program) = (Options::new().start(), Program::new());
        let (from, to) = (source.host(), target.host());
        program.write(
            "crossdock.yaml",
            &format!(
                "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\n\
                 mirrors:\n  - {{ source: {from}/app, target: {to}/copy, tags: [\"1\"] }}\n"
            ),
        );
        Self { source, target, program }
    }

    fn quiet(&self) {
        for registry in [&self.source, &self.target] {
            while !registry.is_alone() {
                std::thread::sleep(Duration::from_micros(500));
            }
        }
    }
}

/// How it ends when nobody is killed: what the target holds, and what it was asked.
fn undisturbed() -> (BTreeMap<String, Holding>, Requests) {
    let scene = Scene::new();
    scene.program.run(&SYNC).expect_code(0);
    (scene.target.holdings(), scene.target.requests())
}

fn survive(point: &Point, holdings: &BTreeMap<String, Holding>) {
    let (scene, victim, what) = (Scene::new(), Victim::default(), point.to_string());
    let tally = scene.target.rule(point.kills(&victim));
    let running = scene.program.spawn(&SYNC);
    running.is(&victim);
    assert_eq!((running.wait().signal, tally.acted()), (Some(9), 1), "{what}: it never came to that");
    scene.quiet();
    // Had the tag come before a signature, the registry would say so: it sees to the order.
    scene.target.assert_clean();
    let killed = scene.target.holdings();
    scene.target.clear_rules();
    scene.target.clear_requests();
    scene.program.run(&SYNC).expect_code(0);
    assert_eq!(scene.target.holdings(), *holdings, "{what}: the state of an undisturbed run");
    for put in scene.target.requests().of(RequestKind::UploadPut).iter() {
        let digest = put.query("digest").unwrap_or_default();
        let was_there = killed.get("copy").is_some_and(|held| held.blobs.contains(digest));
        assert!(!was_there, "{what}: {put} brought what was there");
    }
    scene.target.clear_requests();
    scene.program.run(&SYNC).expect_code(0);
    assert!(scene.target.requests().writes().is_empty(), "{what}: {}", scene.target.requests());
}

#[test]
fn a_kill_after_each_request_of_a_signed_image_loses_no_signature() {
    let (holdings, requests) = undisturbed();
    let points: Vec<Point> = points::every(&[requests])
        .into_iter()
        .filter(|point| point.is(Part::Done) && point.writes())
        .collect();
    assert!(points.len() >= 15, "{} kills are not what this is about", points.len());
    side_by_side(points.len(), |number| survive(&points[number], &holdings));
    tally::count("kills survived", points.len());
}
