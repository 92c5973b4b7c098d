//! STUB
#![allow(missing_docs, clippy::allow_attributes_without_reason)]
#[derive(Debug, Default)]
pub struct Meter;
impl Meter {
    pub fn bytes_moved(&self, _b: u64) {}
}
