//! What the host keeps for one call: the log, and what has been used.

use super::Level;
use super::bindings::crossdock::filter::{log, types};
use super::limits::{BYTES_OF_A_CALL, Budget, INSTANCES_MAX, MEMORIES_MAX, TABLE_ENTRIES_MAX, TABLES_MAX};
use super::log::Log;
use std::fmt;
use wasmtime::{Error, ResourceLimiter, Result};

/// The state of one call.
pub(super) struct State {
    pub(super) log: Log,
    pub(super) room: Room,
    seed: u64,
    calls: u64,
    calls_max: u64,
}

/// What a filter's memories and tables take.
pub(super) struct Room {
    /// Of all memories. They never shrink, so this is also the most that there was.
    pub(super) bytes: u64,
    bytes_max: u64,
    entries: usize,
    /// What the last request that was granted added, in case that it fails.
    granted: u64,
}

/// Why the host ended a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// More memory than it may have.
    Memory,
    /// More entries in tables than it may have.
    Entries,
    /// More calls to the host than it may make.
    Calls,
    /// More random bytes at once than it may have.
    Random,
    /// It called `exit`.
    Exit,
    /// It called what is there to be linked and not to be called.
    NotGiven(String),
}

impl State {
    pub(super) fn new(budget: &Budget) -> Self {
        let room = Room { bytes: 0, bytes_max: budget.memory_bytes, entries: 0, granted: 0 };
        Self { log: Log::default(), room, seed: 0, calls: 0, calls_max: budget.calls }
    }

    /// Counts a call to the host that moves so many bytes.
    ///
    /// # Errors
    /// There were too many.
    pub(super) fn count(&mut self, bytes: u64) -> Result<()> {
        self.calls = self.calls.saturating_add(1 + bytes / BYTES_OF_A_CALL);
        if self.calls > self.calls_max { Err(Stop::Calls.into()) } else { Ok(()) }
    }

    /// What a filter takes for randomness: the same numbers in every call (SplitMix64).
    pub(super) fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl log::Host for State {
    fn emit(&mut self, level: log::Level, message: String) -> Result<()> {
        self.count(message.len() as u64)?;
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
        };
        self.log.emit(level, message);
        Ok(())
    }
}

impl types::Host for State {}

impl ResourceLimiter for Room {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        self.granted = desired.saturating_sub(current) as u64;
        if self.bytes.saturating_add(self.granted) > self.bytes_max {
            return Err(Stop::Memory.into());
        }
        self.bytes += self.granted;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: Error) -> Result<()> {
        self.bytes = self.bytes.saturating_sub(self.granted);
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        self.entries = self.entries.saturating_add(desired.saturating_sub(current));
        if self.entries > TABLE_ENTRIES_MAX { Err(Stop::Entries.into()) } else { Ok(true) }
    }

    fn instances(&self) -> usize {
        INSTANCES_MAX
    }

    fn tables(&self) -> usize {
        TABLES_MAX
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("too much memory"),
            Self::Entries => f.write_str("too many entries in tables"),
            Self::Calls => f.write_str("too many calls to the host"),
            Self::Random => f.write_str("too many random bytes"),
            Self::Exit => f.write_str("exit"),
            Self::NotGiven(name) => write!(f, "no filter gets {name}"),
        }
    }
}

impl std::error::Error for Stop {}
