//! Every kill that there is: before, within and after each request of the workload.

use super::points::{self, Part, Point};
use super::promises::{Undisturbed, after_a_kill, after_the_next};
use super::side_by_side;
use super::workload::Scene;
use crate::bed::program::Victim;
use crate::bed::tally;
use std::sync::LazyLock;

static UNDISTURBED: LazyLock<Undisturbed> = LazyLock::new(Undisturbed::run);

/// Kills there, looks, runs again and looks again.
fn survive(point: &Point) {
    let (scene, victim, what) = (Scene::new(), Victim::default(), point.to_string());
    let tally = scene.registries()[point.registry].rule(point.kills(&victim));
    let running = scene.start();
    running.is(&victim);
    let finished = running.wait();
    assert_eq!(
        (tally.acted(), finished.signal),
        (1, Some(9)),
        "{what}: it never came to that:\n{finished:?}"
    );
    let killed = after_a_kill(&scene, &what);
    after_the_next(&scene, &UNDISTURBED, &killed, scene.run(), &what);
}

fn survive_all(part: Part, fewest: usize) {
    let points: Vec<Point> =
        points::every(&UNDISTURBED.requests).into_iter().filter(|point| point.is(part)).collect();
    assert!(points.len() >= fewest, "{} kills are not what this is about", points.len());
    side_by_side(points.len(), |number| survive(&points[number]));
    tally::count("kills survived", points.len());
}

#[test]
fn a_kill_before_each_request_loses_nothing() {
    survive_all(Part::Before, 45);
}

#[test]
fn a_kill_in_the_middle_of_each_body_loses_nothing() {
    survive_all(Part::Within, 30);
}

#[test]
fn a_kill_between_the_commit_and_the_answer_of_each_request_loses_nothing() {
    survive_all(Part::Done, 45);
}
