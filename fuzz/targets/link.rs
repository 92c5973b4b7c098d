//! Fuzzes `crossdock::fuzzed::link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::link(bytes);
});
