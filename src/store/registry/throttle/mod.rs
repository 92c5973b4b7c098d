//! How hard a registry is driven. Every request goes through one door, [`Throttle::turn`], and waits
//! there in the line of its lane.

mod allowance;
mod lane;
mod lanes;
mod latency;
#[cfg(test)]
mod laws;
mod lesson;
mod pace;
#[cfg(test)]
mod tests;
mod window;

pub(super) use allowance::Announced;
pub(super) use lane::Lane;

use super::pause::Refusal;
use super::profile::Profile;
use crate::access::Limits;
use lanes::{Bar, Fate, Lanes};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// The throttle of one registry, shared by everything that speaks to it.
#[derive(Debug)]
pub(super) struct Throttle {
    door: Arc<Mutex<Door>>,
}

/// The right to have one request under way; given back when dropped.
///
/// Whoever holds one never waits for another turn, with one exception, by which nobody waits in a
/// circle: a pump that holds turns for uploads waits for those of stores that come later in the order of
/// stores, and then for the body.
#[derive(Debug)]
pub(super) struct Turn {
    door: Arc<Mutex<Door>>,
    lane: Lane,
    number: AtomicU64,
}

#[derive(Debug)]
struct Door {
    lanes: Lanes,
    lines: [VecDeque<Waiting>; Lane::ALL.len()],
    /// How many ever came.
    came: u64,
    /// The earliest moment at which somebody looks after the lines by itself.
    alarm: Option<Instant>,
}

/// Somebody in a line.
#[derive(Debug)]
struct Waiting {
    /// Where several lanes may start, who came first does.
    came: u64,
    called: oneshot::Sender<Turn>,
}

impl Throttle {
    pub(super) fn new(limits: &Limits, profile: &Profile) -> Self {
        let lanes = Lanes::new(limits, profile.ceilings);
        let door = Door { lanes, lines: Default::default(), came: 0, alarm: None };
        Self { door: Arc::new(Mutex::new(door)) }
    }

    /// Waits until a request may start: behind all of its lane that came earlier.
    pub(super) async fn turn(&self, lane: Lane) -> Turn {
        let (called, turn) = oneshot::channel();
        {
            let mut door = lock(&self.door);
            door.came += 1;
            let came = door.came;
            door.lines[lane as usize].push_back(Waiting { came, called });
        }
        serve(&self.door);
        match turn.await {
            Ok(turn) => turn,
            Err(_gone) => unreachable!("nobody is sent away while the throttle is there"),
        }
    }

    /// Holds every request to this registry back for `pause`, or longer where that is so already;
    /// returns by how much the pause grew.
    pub(super) fn pause(&self, pause: Duration) -> Duration {
        lock(&self.door).lanes.pause(pause, Instant::now())
    }

    /// Holds the requests of one lane back.
    pub(super) fn hold(&self, lane: Lane, pause: Duration) {
        lock(&self.door).lanes.hold(lane, Instant::now() + pause);
    }
}

impl Turn {
    /// Waits until whoever has it may make another request with it: an upload of several requests keeps
    /// its turn between them, or uploads to several registries could wait in a circle.
    pub(super) async fn again(&self) {
        loop {
            let now = Instant::now();
            let tried = lock(&self.door).lanes.again(self.lane, now);
            match tried {
                Ok(number) => {
                    self.number.store(number, Ordering::Relaxed);
                    return;
                }
                Err(Bar::Until(due)) => tokio::time::sleep_until(due).await,
                Err(Bar::Full) => unreachable!("it has its place"),
            }
        }
    }

    /// Says that the head of an answer came, and that it was no refusal. It took `latency`.
    pub(super) fn answered(&self, latency: Duration) {
        self.conclude(Fate::Answered(latency));
    }

    /// Says that the registry refused the request for now.
    pub(super) fn refused(&self, refusal: Refusal) {
        self.conclude(Fate::Refused(refusal));
    }

    /// Says that no answer came.
    pub(super) fn unanswered(&self) {
        self.conclude(Fate::Unanswered);
    }

    /// Says what the registry told of its limits.
    pub(super) fn announced(&self, announced: Announced) {
        lock(&self.door).lanes.announced(announced, Instant::now());
    }

    fn conclude(&self, fate: Fate) {
        {
            let mut door = lock(&self.door);
            let waiting = door.lines[self.lane as usize].len();
            door.lanes.conclude(
                self.lane,
                self.number.load(Ordering::Relaxed),
                fate,
                waiting,
                Instant::now(),
            );
        }
        // A window that opened has room for others.
        serve(&self.door);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.door).lanes.end(self.lane);
        serve(&self.door);
    }
}

/// Calls everybody who may start now. Where only time is missing, somebody comes back then.
fn serve(shared: &Arc<Mutex<Door>>) {
    let mut door = lock(shared);
    let now = Instant::now();
    let mut called = Vec::new();
    let due = loop {
        match door.next(now) {
            Ok((waiting, lane, number)) => {
                called.push((waiting.called, Turn { door: Arc::clone(shared), lane, number: number.into() }));
            }
            Err(Bar::Until(due)) => break Some(due),
            Err(Bar::Full) => break None,
        }
    };
    let due = due.filter(|due| door.alarm.is_none_or(|alarm| *due < alarm || alarm <= now));
    door.alarm = due.or(door.alarm);
    drop(door);
    // Without a runtime nobody waits any more.
    if let (Some(due), Ok(runtime)) = (due, Handle::try_current()) {
        runtime.spawn(come_back(Arc::downgrade(shared), due));
    }
    for (waiting, turn) in called {
        // Whoever went away in this moment gives the turn back by dropping it.
        drop(waiting.send(turn));
    }
}

async fn come_back(door: Weak<Mutex<Door>>, at: Instant) {
    tokio::time::sleep_until(at).await;
    if let Some(door) = door.upgrade() {
        serve(&door);
    }
}

impl Door {
    /// Starts the request of whoever came first, of all who may start.
    ///
    /// # Errors
    /// Nobody may start; the moment when somebody may, where that is a matter of time.
    fn next(&mut self, now: Instant) -> Result<(Waiting, Lane, u64), Bar> {
        let mut first: Option<(u64, Lane)> = None;
        let mut due: Option<Instant> = None;
        for lane in Lane::ALL {
            let line = &mut self.lines[lane as usize];
            while line.front().is_some_and(|waiting| waiting.called.is_closed()) {
                line.pop_front();
            }
            let Some(front) = line.front() else { continue };
            match self.lanes.may_start(lane, now) {
                Ok(()) if first.is_none_or(|(came, _)| front.came < came) => first = Some((front.came, lane)),
                Ok(()) | Err(Bar::Full) => {}
                Err(Bar::Until(then)) => due = Some(due.map_or(then, |due| due.min(then))),
            }
        }
        let Some((_, lane)) = first else { return Err(due.map_or(Bar::Full, Bar::Until)) };
        let number = self.lanes.start(lane, now)?;
        match self.lines[lane as usize].pop_front() {
            Some(waiting) => Ok((waiting, lane, number)),
            None => unreachable!("the line had a front a moment ago, and is locked"),
        }
    }
}

fn lock(door: &Mutex<Door>) -> MutexGuard<'_, Door> {
    door.lock().unwrap_or_else(PoisonError::into_inner)
}
