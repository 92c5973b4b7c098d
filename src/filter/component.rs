//! From bytes to a component that keeps to the contract.

use super::bindings::{TagFilter, TagFilterIndices};
use super::cache::Cache;
use super::call::Linked;
use super::error::{Fault, Wrong};
use super::machine::machine;
use super::state::State;
use super::surface::{self, Given, Surface};
use super::{FilterError, Inspection, kind, producers, thread, wasi};
use crate::oci::Digest;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Engine, component};

/// A compiled component that keeps to the contract. Shared between threads; runs nothing by itself.
#[derive(Clone)]
pub struct Component {
    name: Arc<str>,
    inner: Arc<Inner>,
}

struct Inner {
    inspection: Inspection,
    linked: Linked,
}

/// The contract as a host gives it: its functions, and how they get into a linker.
pub(super) struct Host {
    pub(super) given: Given,
    pub(super) define: fn(&mut Linker<State>) -> wasmtime::Result<()>,
}

/// This host.
pub(super) const HOST: Host = Host {
    given: surface::GIVEN,
    define: |linker| TagFilter::add_to_linker::<_, HasSelf<_>>(linker, |state| state),
};

impl Component {
    /// Compiles `bytes`, which may take seconds: 20 ms for Rust, ten seconds for Python. `name` is
    /// what errors call it. Blocks; makes a thread of its own.
    ///
    /// # Errors
    /// It is too large, no component, keeps to another contract, imports what no filter gets, or
    /// cannot be compiled.
    pub fn new(name: &str, bytes: &[u8], cache: Option<&Cache>) -> Result<Self, Box<FilterError>> {
        Self::for_host(name, bytes, cache, &HOST).map_err(|wrong| wrong.of(name, Vec::new()))
    }

    pub(super) fn for_host(
        name: &str,
        bytes: &[u8],
        cache: Option<&Cache>,
        host: &Host,
    ) -> Result<Self, Wrong> {
        kind::check(bytes)?;
        let machine = machine()?;
        let digest = Digest::of(bytes);
        let (compiled, compiled_in) = match cache.and_then(|cache| cache.find(machine, &digest)) {
            Some(found) => (found, None),
            None => {
                let (compiled, took) = compile(machine, bytes)?;
                if let Some(cache) = cache {
                    cache.keep(machine, &digest, &compiled);
                }
                (compiled, Some(took))
            }
        };
        let Surface { contract, imports, exports } =
            surface::check(machine, &compiled.component_type(), host.given)?;
        let linked = link(machine, &compiled, host)?;
        let inspection = Inspection {
            digest,
            size_bytes: bytes.len() as u64,
            contract,
            imports,
            exports,
            producers: producers::read(bytes),
            compiled_in,
        };
        Ok(Self { name: name.into(), inner: Arc::new(Inner { inspection, linked }) })
    }

    /// The same component under another name: compiled once, it may be several filters of a spec.
    pub fn named(&self, name: &str) -> Self {
        Self { name: name.into(), inner: Arc::clone(&self.inner) }
    }

    /// What it says about itself.
    pub fn inspection(&self) -> &Inspection {
        &self.inner.inspection
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn linked(&self) -> &Linked {
        &self.inner.linked
    }
}

/// Compiles, on a thread with enough stack for a compiler.
fn compile(machine: &Engine, bytes: &[u8]) -> Result<(component::Component, Duration), Wrong> {
    let started = Instant::now();
    let compiled = thread::run("compiling a filter", || component::Component::from_binary(machine, bytes))?;
    compiled.map(|compiled| (compiled, started.elapsed())).map_err(|error| refused(&error))
}

/// What is said of code that the compiler does not take.
fn refused(error: &wasmtime::Error) -> Wrong {
    let text = format!("{error:#}");
    if text.contains("unexpected end") {
        return kind::truncated();
    }
    let wrong = Wrong::new(Fault::Compile, format!("it cannot be compiled: {text}"));
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["component model async", "async lift", "`async`"]) {
        wrong.hint("build it without async: `--sync` for componentize-qjs")
    } else if has(&["SIMD", "simd"]) {
        wrong.hint("build it without SIMD")
    } else if has(&["not enabled", "support is not enabled", "feature"]) {
        wrong.hint(
            "filters have WASM 2.0 without SIMD, with several memories and tail calls: switch the rest off",
        )
    } else {
        wrong.hint("build it once more, with current tools")
    }
}

fn link(machine: &Engine, component: &component::Component, host: &Host) -> Result<Linked, Wrong> {
    let mut linker = Linker::new(machine);
    let linked = (host.define)(&mut linker).and_then(|()| {
        wasi::link(&mut linker, machine, component)?;
        let instances = linker.instantiate_pre(component)?;
        let functions = TagFilterIndices::new(&instances)?;
        Ok(Linked { instances, functions })
    });
    linked.map_err(|error| {
        Wrong::new(Fault::Contract, format!("what it imports or exports has another shape: {error:#}"))
            .hint("build it against what `crossdock filter wit` prints, unchanged, and WASI 0.2")
    })
}
