//! Storms: many requests fail, and what that costs beside them. What comes by chance comes from a seed,
//! which a failing test prints.

use super::{Behaviour, Canned, Mirror, Registry, Rule, at_once};
use crate::bed::images::{Format, one_platform};
use crate::bed::tally;
use std::sync::atomic::{AtomicU64, Ordering};

/// Images that are new,
const IMAGES: u64 = 8;
/// and tags that are at the target already, as most are in most runs.
const CURRENT: usize = 30;
/// How many of a hundred requests fail.
const PERCENT: u32 = 30;
/// Requests that were served, as a part of those of a run in which nothing fails: what failed is asked for
/// again, and what went along with it.
const SERVED_MAX: f64 = 1.2;

struct Storm {
    source: Registry,
    target: Registry,
}

impl Storm {
    fn new() -> Self {
        Self { source: Registry::start(), target: Registry::start() }
    }

    /// Copies all images; how many requests there were.
    fn sync(&self) -> (Vec<String>, u64) {
        let mut mirror = Mirror::of(&[&self.source, &self.target]);
        for number in 0..IMAGES {
            let (name, copy) = (format!("app-{number}"), format!("copy-{number}"));
            self.source.seed(&one_platform(number, Format::Oci), &name, &["1.0"]);
            mirror = mirror.copying(&self.source, &name, &[(&self.target, &copy)], "1.0");
        }
        let old = one_platform(99, Format::Oci);
        for number in 0..CURRENT {
            let (name, copy) = (format!("old-{number}"), format!("kept-{number}"));
            self.source.seed(&old, &name, &["1.0"]);
            self.target.seed(&old, &copy, &["1.0"]);
            mirror = mirror.copying(&self.source, &name, &[(&self.target, &copy)], "1.0");
        }
        let run = mirror.sync();
        (run.outcomes(), (self.source.requests().len() + self.target.requests().len()) as u64)
    }

    fn assert_copied(&self, seed: u64) {
        for number in 0..IMAGES {
            assert!(self.target.complete(&format!("copy-{number}"), "1.0"), "seed {seed}: {number}");
        }
    }
}

#[test]
fn three_of_ten_requests_fail_and_all_arrives_for_little_more() {
    let undisturbed = Storm::new().sync().1;
    // A list of tags of each repository tells that nobody speaks about its image.
    let repositories = IMAGES + CURRENT as u64;
    assert_eq!(undisturbed, 13 * IMAGES + 2 * CURRENT as u64 + repositories + 1);
    let faults: [fn() -> Behaviour; 4] = [
        || Behaviour::Answer(Canned::new(500)),
        || Behaviour::Answer(Canned::new(503)),
        || Behaviour::Drop,
        || Behaviour::DropAfter,
    ];
    let served_of_all = AtomicU64::new(0);
    at_once(faults.into_iter().zip(1..), |(fault, seed): (_, u64)| {
        let storm = Storm::new();
        let failed = [&storm.source, &storm.target]
            .map(|registry| registry.rule(Rule::any().chance(PERCENT, seed).then(fault())));
        let (outcomes, asked) = storm.sync();
        let created = outcomes.iter().filter(|outcome| *outcome == "created").count();
        let current = outcomes.iter().filter(|outcome| *outcome == "current").count();
        assert_eq!(
            (created, current),
            (IMAGES as usize, CURRENT),
            "seed {seed}, {:?}: {outcomes:?}",
            fault()
        );
        storm.assert_copied(seed);
        let failed: u64 = failed.iter().map(|tally| tally.acted()).sum();
        assert!(failed * 100 > asked * 20, "seed {seed}: {failed} of {asked} failed");
        let served = asked - failed;
        println!("seed {seed}: {asked} requests, {failed} failed, {served} served of {undisturbed}");
        served_of_all.fetch_add(served, Ordering::SeqCst);
        tally::count("faults", usize::try_from(failed).expect("few"));
    });
    let part = served_of_all.into_inner() as f64 / (faults.len() as u64 * undisturbed) as f64;
    println!("{part:.2} of what is needed without storms");
    assert!(part <= SERVED_MAX, "{part:.2} of what is needed was served");
}

#[test]
fn a_registry_that_fails_on_everything_is_not_asked_six_times_for_everything() {
    const MANY: usize = 60;
    let (source, target) = (Registry::start(), Registry::start());
    let mut mirror = Mirror::of(&[&source, &target]);
    for number in 0..MANY {
        mirror =
            mirror.copying(&source, &format!("app-{number}"), &[(&target, "copy")], &format!("{number}"));
    }
    let tally = source.rule(Rule::any().answer(500));
    let run = mirror.sync().code(1);
    assert_eq!(run.outcomes(), vec!["server_error"; MANY]);
    // Each once; ten more at once, and one for each second: it lasts as long as six attempts of one take.
    let most = MANY as u64 + 10 + 35;
    assert!((MANY as u64..=most).contains(&tally.acted()), "{} requests", tally.acted());
    tally::count("faults", MANY);
}
