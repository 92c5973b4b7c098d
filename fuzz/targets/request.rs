//! Fuzzes `crossdock::fuzzed::request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::request(bytes);
});
