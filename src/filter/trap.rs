//! Why a call ended early, in words for the author of the filter.

use super::Line;
use super::call::Phase;
use super::error::{Fault, Wrong};
use super::limits::{Budget, MEMORY_BYTES_CEILING, RANDOM_BYTES_MAX, TABLE_ENTRIES_MAX};
use super::log::last_words;
use super::state::Stop;
use std::str::Utf8Error;
use wasmtime::{Error, Trap, WasmBacktrace};

/// What wasmtime says when a guest gives back more than `Budget::out_bytes`; it has no type for it.
const TOO_MUCH_DATA: &str = "too much data is being copied";
/// What wasmtime says when there are too many instances, memories or tables.
const TOO_MANY_PARTS: &str = "resource limit exceeded";

/// What is wrong when a call with `budget` ended with `error` in `phase`, and what it had logged.
pub(super) fn explain(phase: Phase, error: &Error, budget: &Budget, log: &[Line]) -> Wrong {
    let wrong = if let Some(stop) = error.downcast_ref::<Stop>() {
        stopped(stop, budget)
    } else if let Some(trap) = error.downcast_ref::<Trap>() {
        trapped(*trap, budget)
    } else {
        other(phase, error, budget)
    };
    match (wrong.fault, last_words(log)) {
        // What it printed last says more than how it ended.
        (Fault::Crash, Some(words)) => Wrong { message: format!("{}: {words}", wrong.message), ..wrong },
        _ => wrong,
    }
}

fn stopped(stop: &Stop, budget: &Budget) -> Wrong {
    match stop {
        Stop::Memory => {
            let most = budget.memory_bytes >> 20;
            let wrong = Wrong::new(Fault::Limit, format!("it asked for more than {most} MiB of memory"));
            let ceiling = MEMORY_BYTES_CEILING >> 20;
            if budget.memory_bytes < MEMORY_BYTES_CEILING {
                wrong.hint(format!(
                    "raise `memory_mib` in the `limits` of the filter in the spec, up to {ceiling}, or let it keep less"
                ))
            } else {
                wrong.hint("let it keep less: this is the most that a filter can have")
            }
        }
        Stop::Entries => {
            Wrong::new(Fault::Limit, format!("its tables have more than {TABLE_ENTRIES_MAX} entries"))
                .hint("build it smaller: tables hold the functions that it could call")
        }
        Stop::Calls => {
            Wrong::new(Fault::Limit, format!("it made more than {} calls to the host", budget.calls))
                .hint("let it log less, and not wait: its clock stands still")
        }
        Stop::Random => {
            let most = RANDOM_BYTES_MAX >> 10;
            Wrong::new(Fault::Limit, format!("it asked for more than {most} KiB of random bytes at once"))
                .hint("a filter has no randomness: what it gets is the same in each call")
        }
        Stop::Exit => Wrong::new(Fault::Crash, "it called `exit`")
            .hint("let it return an error instead, which ends the call with its text"),
        Stop::NotGiven(name) => {
            Wrong::new(Fault::Contract, format!("it called `{name}`, which no filter gets"))
                .hint("a filter has no files, network, environment or clock: decide by what the request says")
        }
    }
}

fn trapped(trap: Trap, budget: &Budget) -> Wrong {
    match trap {
        Trap::OutOfFuel => {
            let message = format!("it ran too long: it used its {} units of fuel", budget.fuel);
            let loops = "look for a loop that does not end";
            Wrong::new(Fault::Limit, message).hint(match budget.images {
                Some(_) => format!(
                    "{loops}; if it has that much to do, raise `fuel_per_image` in the `limits` of the filter in the spec"
                ),
                None => format!("{loops}: preparing is for the configuration alone"),
            })
        }
        Trap::StackOverflow => Wrong::new(Fault::Limit, "its stack overflowed")
            .hint("look for recursion that does not end, or goes as deep as the input"),
        Trap::MemoryOutOfBounds => {
            Wrong::new(Fault::Crash, "it touched memory out of bounds, often by overflowing its own stack")
                .hint("look for recursion that does not end, large values on the stack, or a wrong pointer")
        }
        Trap::UnreachableCodeReached => Wrong::new(Fault::Crash, "it panicked or aborted")
            .hint("`crossdock filter run` runs it on the same tags and shows what it logs"),
        other => {
            let text = other.to_string();
            Wrong::new(Fault::Crash, format!("it trapped: {}", text.trim_start_matches("wasm trap: ")))
        }
    }
}

fn other(phase: Phase, error: &Error, budget: &Budget) -> Wrong {
    let text = error.root_cause().to_string();
    if error.downcast_ref::<Utf8Error>().is_some() {
        return Wrong::new(Fault::Answer, "it gave text that is not UTF-8").hint(
            "tags and messages are UTF-8: look for bytes that are cut within a character, or freed memory",
        );
    }
    if text.starts_with(TOO_MUCH_DATA) {
        let most = budget.out_bytes >> 10;
        return Wrong::new(Fault::Limit, format!("it gave back more than {most} KiB at once"))
            .hint("a decision takes about 100 bytes: look for long reasons, messages or lists of names");
    }
    if text.starts_with(TOO_MANY_PARTS) {
        return Wrong::new(Fault::Limit, format!("it is made of too many parts: {text}"))
            .hint("build it from fewer modules");
    }
    match phase {
        Phase::Bind => Wrong::new(Fault::Contract, format!("its functions have another shape: {error:#}"))
            .hint("build it against what `crossdock filter wit` prints, unchanged"),
        _ if error.downcast_ref::<WasmBacktrace>().is_some() => {
            Wrong::new(Fault::Crash, format!("it misused what it was given: {text}"))
        }
        Phase::Start => Wrong::new(Fault::Internal, format!("it cannot be started here: {text}"))
            .hint("each of its memories reserves 4 GiB of addresses: look for limits such as `ulimit -v`"),
        Phase::Call => Wrong::new(Fault::Answer, format!("its answer cannot be read: {text}")).hint(
            "its bindings do not fit the contract: generate them from what `crossdock filter wit` prints",
        ),
    }
}
