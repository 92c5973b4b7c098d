//! Fuzzes `crossdock::fuzzed::spec`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::spec(bytes);
});
