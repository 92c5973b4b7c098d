//! Fuzzes `crossdock::fuzzed::htpasswd`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    crossdock::fuzzed::htpasswd(bytes);
});
