//! What tests below this room share.

mod outages;
pub mod overheard;
