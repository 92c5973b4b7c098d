//! The loop of somebody who writes a filter: `crossdock filter check`, `inspect`, `test`, `run`, `new`.

mod beginning;
mod checking;
mod failing;
mod page;
mod running;
mod testing;

use crate::bed::filters::filter;
use crate::bed::program::{Normal, Program};
use crate::transcript::transcript;
use std::fs;

/// The program in a folder with the component of a filter, as `NAME.wasm`.
fn bench(name: &str) -> Program {
    let program = Program::new();
    put(&program, name);
    program
}

/// Puts the component of a filter into the working directory.
fn put(program: &Program, name: &str) {
    fs::copy(filter(name), program.work().join(format!("{name}.wasm"))).expect("a file can be copied");
}

/// What a user sees, without what another compiler would change.
fn seen(program: &Program, arguments: &[&str]) -> String {
    transcript(program, &normal(program.normal()), arguments)
}

/// Takes out sizes, digests, fuel, and the times that compiling took.
fn normal(normal: Normal) -> Normal {
    normal
        .pattern(r"\b[0-9a-f]{64}\b", "[SHA256]")
        .pattern(r"[0-9.]+ [KM]iB \(\d+ bytes\)", "[SIZE]")
        .pattern(r"in \d+\.\d s\b", "in [DURATION]")
        .pattern(r"[\d,]{4,} fuel, [0-9.]+ MiB", "[FUEL] fuel, [MEMORY] MiB")
        .pattern(r#""(fuel|prepareFuel|memoryBytes|sizeBytes|compiledInMs)": \d+"#, r#""$1": "[NUMBER]""#)
}

/// A case about `images` with these other members.
fn case(images: &str, more: &str) -> String {
    format!(
        r#"{{
  "request": {{
    "source": {{ "registry": "docker.io", "path": "library/app" }},
    "target": {{ "registry": "ghcr.io", "path": "acme/app" }},
    "images": {images}
  }}{more}
}}
"#
    )
}
