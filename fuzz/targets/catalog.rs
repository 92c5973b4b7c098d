//! Fuzzes `crossdock::fuzzed::catalog`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::catalog(bytes);
});
