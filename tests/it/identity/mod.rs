//! Mirroring as somebody whom a cloud or a CI system knows: nobody gave a password.

mod amazon;
mod azure;
mod forges;
mod google;
mod mirror;
