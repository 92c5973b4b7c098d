//! Any other CI, and none: a plain log, and a file with the result.

use super::Dialect;

/// A CI of which nothing is known.
#[derive(Debug)]
pub(super) struct Generic;

impl Dialect for Generic {}
