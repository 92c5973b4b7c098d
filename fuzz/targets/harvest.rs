//! Fuzzes `crossdock::fuzzed::harvest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::harvest(bytes);
});
