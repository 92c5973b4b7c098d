//! Compiled components as bytes: the digest of what follows, a line end, and what wasmtime wrote.

use crate::oci::{Digest, Hasher};
use std::hash::{Hash as _, Hasher as StdHasher};
use wasmtime::component::Component;
use wasmtime::{Engine, Result};

/// Most bytes that are read back: a component of the largest size is compiled to a few times that.
pub(super) const STORED_BYTES_MAX: u64 = 512 << 20;

/// `component` as bytes.
///
/// # Errors
/// There is no memory for them.
pub(super) fn pack(component: &Component) -> Result<Vec<u8>> {
    let code = component.serialize()?;
    let mut bytes = format!("{}\n", Digest::of(&code)).into_bytes();
    bytes.extend_from_slice(&code);
    Ok(bytes)
}

/// The component in `bytes`; none if they are damaged, or of another compiler.
pub(super) fn unpack(machine: &Engine, bytes: &[u8]) -> Option<Component> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let digest: Digest = std::str::from_utf8(&bytes[..end]).ok()?.parse().ok()?;
    let code = &bytes[end + 1..];
    if digest.matches(code) { trusted(machine, code) } else { None }
}

/// What compiles as `machine` does: its version, its settings and the processor.
pub(super) fn made_by(machine: &Engine) -> Digest {
    let mut bytes = Bytes(Digest::of(&[]).hasher());
    machine.precompile_compatibility_hash().hash(&mut bytes);
    bytes.0.finish()
}

#[expect(
    unsafe_code,
    reason = "compiled code is believed; it comes out of a directory in which only this user can write, and is what was written there"
)]
fn trusted(machine: &Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: `code` came out of `Component::serialize`, unchanged: its digest was checked, and who
    // could forge both could replace this program, too.
    unsafe { Component::deserialize(machine, code) }.ok()
}

/// Takes what is hashed as bytes, so that the result is the same in each build.
struct Bytes(Hasher);

impl StdHasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
