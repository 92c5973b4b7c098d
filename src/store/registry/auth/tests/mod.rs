//! Authorities against token servers on loopback: what is sent, and how often.

mod bench;
mod canary;
mod challenges;
mod refresh;
mod refusals;
mod server;
mod tokens;
