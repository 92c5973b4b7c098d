//! Fuzzes `crossdock::fuzzed::escapers`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::escapers(bytes);
});
