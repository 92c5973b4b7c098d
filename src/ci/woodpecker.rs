//! Woodpecker: settings come as `PLUGIN_…`, and the log has colours and times of its own.

use super::{Dialect, Stamps, Variables};
use crate::colour::Colour;

/// Woodpecker.
#[derive(Debug)]
pub(super) struct Woodpecker;

impl Dialect for Woodpecker {
    fn colour(&self) -> Colour {
        Colour::Always
    }

    fn stamps(&self, _: &Variables) -> Stamps {
        Stamps::Theirs
    }
}
