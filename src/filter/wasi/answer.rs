//! Which function of WASI answers what. Whatever is not in the table can be linked, and ends the
//! filter with its name when it is called.

use super::super::log::Output;

/// What a function answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing; it just returns.
    Done,
    /// An empty list.
    Empty,
    /// None.
    Absent,
    /// True.
    Yes,
    /// This number.
    Number(u64),
    /// The beginning of 1970.
    Epoch,
    /// A nanosecond, as a time.
    Nanosecond,
    /// A handle for the standard input, or something that is ready to be waited for: both are always
    /// the same.
    Handle,
    /// A handle for one of the outputs.
    Stream(Output),
    /// Success with the number of bytes that may be written.
    Room,
    /// Success, once the bytes are in the log.
    Write,
    /// Success.
    Flushed,
    /// The error that a stream has come to its end.
    Closed,
    /// All indices of the list that it was given.
    All,
    /// As many random bytes as were asked for.
    RandomBytes,
    /// A random number.
    RandomNumber,
    /// Two random numbers.
    RandomPair,
    /// Nothing: the filter ends.
    Exit,
}

/// What `function` of `interface`, which is without its version, answers.
pub(super) fn answer(interface: &str, function: &str) -> Option<Answer> {
    Some(match (interface, function) {
        ("wasi:cli/environment", "get-environment" | "get-arguments") => Answer::Empty,
        ("wasi:cli/environment", "initial-cwd") => Answer::Absent,
        ("wasi:cli/exit", _) => Answer::Exit,
        ("wasi:cli/stdin", "get-stdin") => Answer::Handle,
        ("wasi:cli/stdout", "get-stdout") => Answer::Stream(Output::Stdout),
        ("wasi:cli/stderr", "get-stderr") => Answer::Stream(Output::Stderr),
        ("wasi:cli/terminal-stdin", "get-terminal-stdin")
        | ("wasi:cli/terminal-stdout", "get-terminal-stdout")
        | ("wasi:cli/terminal-stderr", "get-terminal-stderr") => Answer::Absent,
        ("wasi:filesystem/preopens", "get-directories") => Answer::Empty,
        ("wasi:clocks/wall-clock", "now") => Answer::Epoch,
        ("wasi:clocks/wall-clock", "resolution") => Answer::Nanosecond,
        ("wasi:clocks/monotonic-clock", "now" | "resolution") => Answer::Number(1),
        ("wasi:clocks/monotonic-clock", "subscribe-duration" | "subscribe-instant") => Answer::Handle,
        ("wasi:io/poll", "[method]pollable.ready") => Answer::Yes,
        ("wasi:io/poll", "[method]pollable.block") => Answer::Done,
        ("wasi:io/poll", "poll") => Answer::All,
        ("wasi:io/streams", method) => stream(method)?,
        ("wasi:random/random", "get-random-bytes")
        | ("wasi:random/insecure", "get-insecure-random-bytes") => Answer::RandomBytes,
        ("wasi:random/random", "get-random-u64") | ("wasi:random/insecure", "get-insecure-random-u64") => {
            Answer::RandomNumber
        }
        ("wasi:random/insecure-seed", "insecure-seed") => Answer::RandomPair,
        _ => return None,
    })
}

fn stream(method: &str) -> Option<Answer> {
    Some(match method {
        "[method]output-stream.check-write" => Answer::Room,
        "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush" => Answer::Write,
        "[method]output-stream.flush" | "[method]output-stream.blocking-flush" => Answer::Flushed,
        "[method]output-stream.subscribe" | "[method]input-stream.subscribe" => Answer::Handle,
        "[method]input-stream.read"
        | "[method]input-stream.blocking-read"
        | "[method]input-stream.skip"
        | "[method]input-stream.blocking-skip" => Answer::Closed,
        _ => return None,
    })
}
