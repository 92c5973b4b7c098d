//! Fuzzes `crossdock::fuzzed::bundle`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::bundle(bytes);
});
