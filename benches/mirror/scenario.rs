//! What is measured: what is mirrored, what was there before, and how fast it should be.

use crate::arguments::Part;
use crate::corpus::{Corpus, shapes};

pub(crate) struct Scenario {
    pub(crate) part: Part,
    pub(crate) says: &'static str,
    pub(crate) corpus: fn(f64) -> Corpus,
    /// What the target has.
    pub(crate) before: Option<fn(f64) -> Corpus>,
    pub(crate) goal: Goal,
}

/// How fast it should be, and how much memory it may take.
pub(crate) struct Goal {
    pub(crate) latency_ms: u64,
    /// Of the time of the floor.
    pub(crate) wall: f64,
    pub(crate) peak_mib: u64,
}

/// Memory of a run that copies small layers, that copies large ones, and that copies nothing, in MiB.
const COLD_MIB: u64 = 24;
const LARGE_MIB: u64 = 48;
const NOTHING_MIB: u64 = 14;

const fn goal(latency_ms: u64, wall: f64, peak_mib: u64) -> Goal {
    Goal { latency_ms, wall, peak_mib }
}

pub(crate) const SCENARIOS: [Scenario; 8] = [
    Scenario {
        part: Part::Small,
        says: "200 small images with shared layers, cold",
        corpus: shapes::small,
        before: None,
        goal: goal(20, 1.1, COLD_MIB),
    },
    Scenario {
        part: Part::Platforms,
        says: "20 images of 4 platforms, cold",
        corpus: shapes::platforms,
        before: None,
        goal: goal(20, 1.1, COLD_MIB),
    },
    Scenario {
        part: Part::Shared,
        says: "24 tags that share two layers of 32 MiB, cold",
        corpus: shapes::shared,
        before: None,
        goal: goal(20, 1.1, COLD_MIB),
    },
    Scenario {
        part: Part::Again,
        says: "200 tags in 50 repositories, nothing missing",
        corpus: shapes::small,
        before: Some(shapes::small),
        goal: goal(20, 1.0, NOTHING_MIB),
    },
    Scenario {
        part: Part::Moved,
        says: "10 of 200 tags moved",
        corpus: shapes::small_moved,
        before: Some(shapes::small),
        goal: goal(20, 1.0, COLD_MIB),
    },
    Scenario {
        part: Part::Repository,
        says: "500 tags of one repository, nothing missing",
        corpus: shapes::repository,
        before: Some(shapes::repository),
        goal: goal(20, 0.7, NOTHING_MIB),
    },
    Scenario {
        part: Part::RepositoryCold,
        says: "500 tags of one repository, cold",
        corpus: shapes::repository,
        before: None,
        goal: goal(20, 0.8, COLD_MIB),
    },
    Scenario {
        part: Part::Large,
        says: "4 images with a layer of 512 MiB, cold",
        corpus: shapes::large,
        before: None,
        goal: goal(0, 1.1, LARGE_MIB),
    },
];
