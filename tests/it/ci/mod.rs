//! `crossdock ci`: what each CI is told, byte for byte, and what its inputs do.

mod credentials;
mod files;
mod golden;
mod inputs;
mod outputs;
pub mod pipeline;
mod safety;
mod signals;
