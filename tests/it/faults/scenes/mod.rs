//! Each fault at each place where it means something: what becomes of the copy, and what that costs.
//!
//! A scene is one image with one blob, one fault, and one run. The tables beside this file say, for each
//! fault: how it ended, how often the place was asked, and how many requests there were in all. Whatever
//! the end: nothing wrong is at the target, and where the program says that it copied, all is there.

mod place;
mod repertoire;
mod tables;

use super::mirror::{Mirror, Run};
use crate::bed::grants::Users;
use crate::bed::images::{Image, Layer, Recipe};
use crate::bed::memory::{Auth, Options, Registry, Rule, TokenServer};
use crate::bed::tally;
use place::Place;
use repertoire::Fault;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

/// Runs at the same time in one table: more would wait for the processor and not for registries.
const AT_ONCE: usize = 6;
/// No scene needs more requests than this: six attempts of the longest way, and a few to look.
const REQUESTS_MAX: usize = 40;

/// Two registries with one image between them.
struct Scene {
    source: Registry,
    target: Registry,
    image: Image,
    keys: &'static str,
}

impl Scene {
    fn at(place: Place) -> Self {
        let users = || Users::new().user("bob", "secret").allow("bob", "*", "pull,push");
        let source = match place {
            Place::Token => Options::new().auth(Auth::Bearer(TokenServer::new(users()))).start(),
            Place::Storage => Options::new().but(|traits| traits.blobs_at = place::ELSEWHERE).start(),
            _ => Registry::start(),
        };
        let target = Registry::start();
        // What is sent in pieces has to be longer than one.
        let bytes = if place == Place::Patch { 3 << 20 } else { 3000 };
        let image = Recipe::new(1).layer(Layer::synthetic(1, bytes)).build();
        source.seed(&image, "app", &["1.0"]);
        let keys = match place {
            Place::Token => r#"plain_http: true, credentials: { username: bob, password: "${PASSWORD}" }"#,
            _ => "plain_http: true",
        };
        Self { source, target, image, keys }
    }

    fn sync(&self) -> Run {
        let mirror = Mirror::of(&[&self.source, &self.target]).setting(&self.source, self.keys);
        let mirror = mirror.variable("PASSWORD", "secret");
        mirror.copying(&self.source, "app", &[(&self.target, "copy")], "1.0").sync()
    }

    /// How it ended, in words; fails where what is at the target is not what was said, or is wrong.
    fn end(&self, run: &Run, what: &str) -> String {
        let (code, outcome) = (run.finished.code, run.outcome());
        let asked = self.source.requests().len() + self.target.requests().len();
        assert!(asked <= REQUESTS_MAX, "{what}: {asked} requests\n{}", self.target.requests());
        match self.target.tag("copy", "1.0") {
            Some(digest) => {
                assert_eq!(digest, self.image.digest(), "{what}");
                assert_eq!(self.target.missing("copy", "1.0"), [""; 0], "{what}");
            }
            None => assert_ne!(code, Some(0), "{what}: it says that it copied"),
        }
        for blob in self.target.blobs() {
            assert!(self.image.blobs.contains_key(&blob), "{what}: {blob} is none of the image");
        }
        match code {
            Some(0) => format!("{outcome}, {asked} requests"),
            code => format!("{outcome} (exit {}), {asked} requests", code.unwrap_or(-1)),
        }
    }
}

/// One scene, as a line of a table.
fn play(place: Place, fault: &Fault) -> String {
    let scene = Scene::at(place);
    let (registry, rule) = (place.registry(&scene), place.rule(&scene.image));
    place.prepare(&scene);
    let fault_rule = fault.behaviours.iter().cloned().fold(rule, Rule::then);
    let tally = registry.rule(fault.times.of(fault_rule));
    let run = scene.sync();
    let what = format!("{} at {place:?}", fault.name);
    assert!(tally.acted() > 0, "{what}: it never happened\n{}", registry.requests());
    let end = scene.end(&run, &what);
    format!("asked {}: {end}", tally.matched())
}

/// The lines of all faults at one place, in their order.
fn table(place: Place, faults: Vec<Fault>) -> String {
    let left = Mutex::new(faults.iter().enumerate().collect::<Vec<_>>());
    let lines = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let next = left.lock().expect("no panic while taking").pop();
            let Some((number, fault)) = next else { return };
            let line = format!("{:<34} {}", fault.name, play(place, fault));
            lines.lock().expect("no panic while noting").insert(number, line);
        }
    };
    std::thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    let lines = lines.into_inner().expect("no panic while noting");
    assert_eq!(lines.len(), faults.len(), "a scene failed");
    tally::count("faults", lines.len());
    lines.values().fold(String::new(), |mut table, line| {
        writeln!(table, "{line}").expect("a string takes all");
        table
    })
}
