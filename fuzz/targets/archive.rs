//! Fuzzes `crossdock::fuzzed::archive`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::archive(bytes);
});
