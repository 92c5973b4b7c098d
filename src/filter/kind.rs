//! What a file is that should be a component, told by its beginning.

use super::COMPONENT_BYTES_MAX;
use super::error::{Fault, Wrong};

/// `\0asm`, with which all WASM begins.
const MAGIC: &[u8] = b"\0asm";
/// What follows it in a core module.
const MODULE: &[u8] = &[1, 0, 0, 0];
/// What follows it in a component.
const COMPONENT: &[u8] = &[13, 0, 1, 0];

/// Lets pass what begins like a component of allowed size.
///
/// # Errors
/// It is too large, or something else.
pub(super) fn check(bytes: &[u8]) -> Result<(), Wrong> {
    if bytes.len() as u64 > COMPONENT_BYTES_MAX {
        let most = COMPONENT_BYTES_MAX >> 20;
        let message = format!("it has {} bytes, more than {most} MiB", bytes.len());
        return Err(Wrong::new(Fault::Compile, message).hint("strip it, or build it for size"));
    }
    let Some(after) = bytes.strip_prefix(MAGIC) else { return Err(no_wasm(bytes)) };
    if after.starts_with(COMPONENT) {
        Ok(())
    } else if after.starts_with(MODULE) {
        Err(Wrong::new(Fault::Contract, "this is a core module, not a component")
            .hint("build for wasm32-wasip2, or make it a component with `crossdock filter componentize`"))
    } else if after.len() < COMPONENT.len() {
        Err(truncated())
    } else {
        Err(Wrong::new(Fault::Contract, "this is WASM, but neither a module nor a component")
            .hint("build for wasm32-wasip2 with current tools"))
    }
}

/// What is said of a file that ends too early.
pub(super) fn truncated() -> Wrong {
    Wrong::new(Fault::Compile, "the file ends too early")
        .hint("fetch or build it once more: a part is missing")
}

fn no_wasm(bytes: &[u8]) -> Wrong {
    if bytes.is_empty() {
        return Wrong::new(Fault::Contract, "the file is empty").hint("fetch or build it once more");
    }
    if MAGIC.starts_with(bytes) {
        return truncated();
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).trim_start().to_lowercase();
    let (what, hint) = if bytes.starts_with(&[0x1f, 0x8b]) {
        ("this is a gzip archive", "unpack it")
    } else if bytes.starts_with(b"PK\x03\x04") {
        ("this is a zip archive", "unpack it")
    } else if text.starts_with("(component") || text.starts_with("(module") || text.starts_with(";;") {
        ("this is WASM as text", "make it binary, with `wasm-tools parse`")
    } else if text.starts_with('<') {
        ("this is a web page", "give the address of the file itself, not of a page about it")
    } else if text.starts_with('{') {
        ("this is JSON", "give the address of the component itself")
    } else {
        ("this is not WASM", "a filter is a component: see `crossdock filter new`")
    };
    Wrong::new(Fault::Contract, format!("{what}, not a component")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> (Fault, String, String) {
        let Wrong { fault, message, hint } = check(bytes).expect_err("no component");
        (fault, message, hint.expect("there is a next step"))
    }

    #[test]
    fn what_is_no_component_is_called_by_its_name() {
        let (fault, message, hint) = told(b"\0asm\x01\0\0\0");
        assert_eq!((fault, &*message), (Fault::Contract, "this is a core module, not a component"));
        assert!(hint.contains("wasm32-wasip2") && hint.contains("crossdock filter componentize"), "{hint}");
        for (bytes, said) in [
            (&b""[..], "the file is empty"),
            (b"\0a", "the file ends too early"),
            (b"\0asm\x0d", "the file ends too early"),
            (b"\0asm\x09\0\0\0", "this is WASM, but neither a module nor a component"),
            (b"  <!DOCTYPE html>", "this is a web page, not a component"),
            (b"(component)", "this is WASM as text, not a component"),
            (b"{\"errors\":[]}", "this is JSON, not a component"),
            (b"\x1f\x8b\x08", "this is a gzip archive, not a component"),
            (b"#!/bin/sh", "this is not WASM, not a component"),
        ] {
            assert_eq!(told(bytes).1, said);
        }
        assert_eq!(check(b"\0asm\x0d\0\x01\0"), Ok(()));
    }

    #[test]
    fn what_is_too_large_is_not_looked_at() {
        let most = usize::try_from(COMPONENT_BYTES_MAX).expect("small");
        let (fault, message, _) = told(&vec![0; most + 1]);
        assert_eq!((fault, &*message), (Fault::Compile, "it has 33554433 bytes, more than 32 MiB"));
    }
}
