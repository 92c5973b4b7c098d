//! Fuzzes `crossdock::fuzzed::layout`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::layout(bytes);
});
