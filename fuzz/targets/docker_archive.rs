//! Fuzzes `crossdock::fuzzed::docker_archive`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::docker_archive(bytes);
});
