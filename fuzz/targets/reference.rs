//! Fuzzes `crossdock::fuzzed::reference`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::reference(bytes);
});
