//! Fuzzes `crossdock::fuzzed::retry_after`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::retry_after(bytes);
});
