//! Against Debian's `docker-registry`, judged by skopeo: what arrives, who is let in, what is refused.

mod broken;
pub mod cargo;
mod credentials;
mod filters;
mod images;
mod layouts;
mod pull_only;
mod read_only;
mod tls;
mod tokens;
