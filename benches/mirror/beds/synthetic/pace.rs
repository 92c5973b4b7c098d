//! So many a second, and so many at once after a pause: a bucket that fills again.

use std::time::Instant;

pub(super) struct Pace {
    per_second: f64,
    burst: f64,
    left: f64,
    seen: Instant,
}

impl Pace {
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let burst = f64::from(burst);
        Self { per_second: f64::from(per_second), burst, left: burst, seen: Instant::now() }
    }

    /// Whether one more is allowed now.
    pub(super) fn allows(&mut self) -> bool {
        let now = Instant::now();
        let filled = now.duration_since(self.seen).as_secs_f64() * self.per_second;
        self.left = (self.left + filled).min(self.burst);
        self.seen = now;
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}
