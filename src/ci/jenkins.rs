//! Jenkins: a plain log. Its plugins read the report files.

use super::Dialect;

/// Jenkins. Colour is for who has the AnsiColor plugin, and says so with `color`.
#[derive(Debug)]
pub(super) struct Jenkins;

impl Dialect for Jenkins {}
