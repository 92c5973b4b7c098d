//! How components are compiled and run: the same on every machine, and nothing that filters do not
//! need.

use super::error::{Fault, Wrong};
use super::limits::WASM_STACK_BYTES;
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use wasmtime::{Config, Engine};

/// Frames of a guest's stack that are kept when it traps: nobody reads more.
const FRAMES_MAX: NonZeroUsize = NonZeroUsize::new(8).expect("not zero");

/// What compiles and runs all components of this process; made when it is first asked for.
pub(super) fn machine() -> Result<&'static Engine, Wrong> {
    static MACHINE: OnceLock<Result<Engine, String>> = OnceLock::new();
    let made = MACHINE.get_or_init(|| Engine::new(&config()).map_err(|why| format!("{why:#}")));
    made.as_ref().map_err(|why| Wrong::new(Fault::Internal, format!("filters cannot run here: {why}")))
}

fn config() -> Config {
    let mut config = Config::new();
    config
        // What ends a filter is work, not time: the same limit on every machine.
        .consume_fuel(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        // The bits of a NaN are the one thing in which processors differ.
        .cranelift_nan_canonicalization(true)
        // No toolchain needs these for a filter; each is code that could be wrong.
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_wide_arithmetic(false)
        // QuickJS needs both.
        .wasm_multi_memory(true)
        .wasm_tail_call(true)
        .wasm_backtrace_max_frames(Some(FRAMES_MAX));
    config
}
