//! Filters at work: what they decide, what that asks of registries, and what users see of it.

mod decisions;
mod failures;
mod hostile;
mod lint;
mod plans;
mod requests;

use crate::bed::filters::filter as guest;
use crate::bed::memory::Registry;
use crate::commands::pair::Pair;

/// A pair whose rules can name the filter `scripted`, which does what `config` says.
fn scripted(pair: &Pair, config: &str, rules: &str) {
    std::fs::copy(guest("scripted"), pair.program.work().join("scripted.wasm")).expect("it can be copied");
    let rules: String = rules.trim().lines().map(|line| format!("  {line}\n")).collect();
    let text = format!(
        "version: 1\nregistries:\n  SOURCE: {{ plain_http: true }}\n  TARGET: {{ plain_http: true }}\n\
         filters:\n  scripted: {{ wasm: scripted.wasm, config: {config} }}\nmirrors:\n{rules}"
    );
    pair.program.write("crossdock.yaml", &pair.placed(&text));
}

/// The rule that most tests have.
const APP: &str = "- { name: app, source: SOURCE/app, target: TARGET/m/app, filter: scripted }";

/// The tally of all requests, for comparison as one text.
fn tally(registry: &Registry) -> String {
    let tally = registry.requests().tally();
    tally.iter().map(|(kind, count)| format!("{kind:?} {count}")).collect::<Vec<_>>().join(", ")
}

/// Every tag of the target, with its repository.
fn mirrored(pair: &Pair) -> Vec<String> {
    let of = |repository: String| {
        let tags = pair.target.tags(&repository).into_keys();
        tags.map(move |tag| format!("{repository}:{tag}")).collect::<Vec<_>>()
    };
    pair.target.repositories().into_iter().flat_map(of).collect()
}
