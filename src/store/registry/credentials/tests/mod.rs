//! Keychains against real files and programs.

mod files;
mod home;
#[cfg(unix)]
mod programs;
mod sources;
