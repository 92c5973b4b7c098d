//! Fuzzes `crossdock::fuzzed::manifest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::manifest(bytes);
});
