//! The command line: what surrounds the walk. Never decides what is copied.

pub mod progress;
