//! Filters at work: components made by hand that behave and misbehave.

mod answers;
mod blamed;
mod cached;
mod calls;
mod contract;
mod guest;
mod limited;
mod versions;
mod wasi;
