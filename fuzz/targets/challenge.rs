//! Fuzzes `crossdock::fuzzed::challenge`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::challenge(bytes);
});
