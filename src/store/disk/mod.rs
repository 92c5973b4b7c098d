//! What stores on this disk share: files that are never reached through links, that are whole or not
//! there, and what it means when the system refuses. Knows none of those stores.

pub(super) mod blob;
pub(super) mod closure;
pub(super) mod fault;
pub(super) mod files;
pub(super) mod session;
pub(super) mod stored;
pub(super) mod upload;

#[cfg(test)]
pub(super) mod tests;
