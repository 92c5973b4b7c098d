//! Whether a connection is alive: what moves on it, looked at from time to time. Knows no clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What moves on one connection.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<Beat>);

/// What was seen at one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Beat {
    /// How many requests came so far.
    requests: u64,
    /// How many of them wait for the beginning of their answer.
    waiting: u64,
    /// How many blobs began to be sent so far.
    begun: u64,
    /// How many frames went out of each blob that is on its way.
    blobs: BTreeMap<u64, u64>,
}

/// What is to be thought of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is in use.
    Alive,
    /// Nobody asked for anything.
    Idle,
    /// Somebody asked for a blob, and does not take it.
    Stalled,
}

/// A request that waits for the beginning of its answer.
pub(super) struct Waiting(Arc<Pulse>);

/// A blob that is on its way.
pub(super) struct Moving {
    pulse: Arc<Pulse>,
    number: u64,
}

impl Pulse {
    /// A request came.
    pub(super) fn begin(self: &Arc<Self>) -> Waiting {
        let mut beat = self.lock();
        beat.requests += 1;
        beat.waiting += 1;
        drop(beat);
        Waiting(Arc::clone(self))
    }

    /// What can be seen now.
    pub(super) fn look(&self) -> Beat {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Beat> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// A blob begins to be sent.
    pub(super) fn moving(&self) -> Moving {
        let mut beat = self.0.lock();
        beat.begun += 1;
        let number = beat.begun;
        beat.blobs.insert(number, 0);
        Moving { pulse: Arc::clone(&self.0), number }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

impl Moving {
    /// A frame goes out.
    pub(super) fn moved(&self) {
        if let Some(frames) = self.pulse.lock().blobs.get_mut(&self.number) {
            *frames += 1;
        }
    }
}

impl Drop for Moving {
    fn drop(&mut self) {
        self.pulse.lock().blobs.remove(&self.number);
    }
}

impl Beat {
    /// What is to be thought of a connection that looked like this, and like `now` a while later.
    pub(super) fn judge(&self, now: &Self) -> Verdict {
        if self.blobs.iter().any(|(number, frames)| now.blobs.get(number) == Some(frames)) {
            return Verdict::Stalled;
        }
        let asked = self.requests != now.requests || now.waiting > 0;
        match asked || !now.blobs.is_empty() || !self.blobs.is_empty() {
            true => Verdict::Alive,
            false => Verdict::Idle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_nothing_is_idle_and_who_waits_for_us_is_not() {
        let pulse = Arc::new(Pulse::default());
        let first = pulse.look();
        assert_eq!(first.judge(&pulse.look()), Verdict::Idle);
        let waiting = pulse.begin();
        let second = pulse.look();
        assert_eq!((first.judge(&second), second.judge(&pulse.look())), (Verdict::Alive, Verdict::Alive));
        drop(waiting);
        let third = pulse.look();
        assert_eq!((second.judge(&third), third.judge(&pulse.look())), (Verdict::Idle, Verdict::Idle));
        assert_eq!(first.judge(&third), Verdict::Alive, "it was asked in between");
    }

    #[test]
    fn one_blob_that_stands_still_is_a_stall_whatever_else_moves() {
        let pulse = Arc::new(Pulse::default());
        let waiting = pulse.begin();
        let (still, other) = (waiting.moving(), waiting.moving());
        drop(waiting);
        let before = pulse.look();
        other.moved();
        assert_eq!(before.judge(&pulse.look()), Verdict::Stalled);
        still.moved();
        assert_eq!(before.judge(&pulse.look()), Verdict::Alive);
        let before = pulse.look();
        drop((still, other));
        let after = pulse.look();
        assert_eq!((before.judge(&after), after.judge(&pulse.look())), (Verdict::Alive, Verdict::Idle));
    }

    /// A blob that begins where another one ended is another one.
    #[test]
    fn a_blob_that_has_just_begun_is_no_stall() {
        let pulse = Arc::new(Pulse::default());
        let first = pulse.begin().moving();
        let before = pulse.look();
        drop(first);
        let _second = pulse.begin().moving();
        assert_eq!(before.judge(&pulse.look()), Verdict::Alive);
    }
}
