//! The test bed is tested itself: what other tests rely on holds, and judges rightly.

mod auth;
mod distribution;
mod holes;
mod images;
mod memory;
mod misbehaviour;
mod parity;
mod personalities;
mod program;
mod proxy;
mod referrers;
mod skopeo;
mod strangers;
mod tags;
mod uploads;
