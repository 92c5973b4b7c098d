//! A filter for tests that misbehaves: `deed` says how, `at` the tag in whose presence it does, or
//! that it is about. Without `at` it always does, about all; `in: prepare` moves the deed there.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "reaching for them is the deed")]

mod answers;
mod crimes;

use crossdock_filter::{Decision, Facts, Filter, Request};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    deed: Deed,
    at: Option<String>,
    #[serde(default, rename = "in")]
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Prepare,
    #[default]
    Decide,
}

/// What it does. The first half ends a call or not; the second half is in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    /// Never returns.
    Loop,
    /// Takes memory until none is left.
    Memory,
    /// Calls itself until the stack ends.
    Recursion,
    /// The same, without keeping anything in memory.
    DeepCalls,
    /// Writes a million lines to the log.
    LogFlood,
    /// Writes one message of a megabyte to the log.
    LogHuge,
    /// Writes what commands terminals and runners to the log.
    LogCommands,
    /// Writes the same to standard output and standard error.
    PrintCommands,
    /// Calls the host a hundred thousand times, for nothing.
    HostCalls,
    /// Ends the process.
    Exit,
    /// Waits for the clock of the wall to move.
    WallClock,
    /// Waits for the monotonic clock to move.
    MonotonicClock,
    /// Sleeps for an hour.
    Sleep,
    /// Panics with a message of one line.
    Panic,
    /// Divides by zero without a panic: a trap.
    Trap,
    /// Opens `/etc/passwd`; fails with what the system said.
    ReadFile,
    /// Writes a file; fails with what the system said.
    WriteFile,
    /// Lists the root directory; fails with what the system said.
    ListDirectory,
    /// Reads the environment; fails if there is anything, and drops all if there is not.
    Environment,
    /// Connects to an address; fails with what the system said.
    Network,
    /// Fails with text that commands terminals and runners.
    FailCommands,
    /// Fails with a text of a megabyte.
    FailHuge,

    /// Decides one image less.
    OneLess,
    /// Decides one image more.
    OneMore,
    /// Decides none.
    None,
    /// A megabyte of tags for each image.
    HugeOutput,
    /// A reason of a megabyte.
    HugeReason,
    /// A reason that commands terminals and runners.
    ReasonCommands,
    /// A tag that is not UTF-8.
    BadUtf8,
    /// A tag with a slash.
    IllegalTag,
    /// A tag without characters.
    EmptyTag,
    /// A tag of 129 characters.
    LongTag,
    /// A tag with a line break.
    TagWithNewline,
    /// A tag with an escape sequence.
    TagWithEscape,
    /// A tag that commands a runner.
    TagWithCommand,
    /// `../secret`.
    PathUpwards,
    /// Another repository of the target registry.
    PathElsewhere,
    /// The repository of the target, with more letters after it: no path below it.
    PathAlike,
    /// Upper case and spaces.
    PathIllegal,
    /// No destination at all.
    NoDestination,
    /// Ten thousand destinations for each image.
    ManyDestinations,
    /// The same destination twice.
    SameTwice,
    /// All images under one name.
    Collide,
    /// Drops by the order of a hash map, which it gives as the reason.
    Hashmap,
    /// Drops with random bytes as the reason.
    Random,
    /// Drops with the time as the reason.
    Time,
    /// Keeps on its first call; drops on later ones, if the instance is used again.
    Remember,
}

struct Hostile;

impl Filter for Hostile {
    type Config = Config;

    fn prepare(config: &Config) -> Result<Facts, String> {
        if config.place == Place::Prepare {
            crimes::commit(config.deed)?;
        }
        Ok(Facts::empty())
    }

    fn decide(config: &Config, request: &Request) -> Result<Vec<Decision>, String> {
        let present = |tag: &String| request.images.iter().any(|image| image.tag == *tag);
        if config.place == Place::Prepare || config.at.as_ref().is_some_and(|tag| !present(tag)) {
            return Ok(vec![Decision::Keep; request.images.len()]);
        }
        match crimes::commit(config.deed)? {
            crimes::Ended::NotYet => Ok(answers::answer(config, request)),
            crimes::Ended::Unnoticed => Ok(vec![Decision::drop("it went unnoticed"); request.images.len()]),
        }
    }
}

crossdock_filter::filter!(Hostile);
