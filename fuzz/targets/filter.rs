//! Fuzzes `crossdock::fuzzed::filter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::filter(bytes);
});
