//! What tests below this room share.

pub mod overheard;
