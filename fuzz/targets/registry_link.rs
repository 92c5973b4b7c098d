//! Fuzzes `crossdock::fuzzed::registry_link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::registry_link(bytes);
});
