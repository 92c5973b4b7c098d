//! CircleCI: a log with colours. What is stored as test results and artifacts are the report files.

use super::Dialect;
use crate::colour::Colour;

/// CircleCI.
#[derive(Debug)]
pub(super) struct CircleCi;

impl Dialect for CircleCi {
    fn colour(&self) -> Colour {
        Colour::Always
    }
}
