//! Fuzzes `crossdock::fuzzed::digest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::digest(bytes);
});
