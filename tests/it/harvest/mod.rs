//! `crossdock harvest`: images that a cluster runs, and images that files name.

mod case;
mod cases;
mod cluster;
mod files;
mod logins;
mod server;
mod troubles;
