//! Fuzzes `crossdock::fuzzed::plan`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::plan(bytes);
});
