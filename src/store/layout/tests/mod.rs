//! The layout store as a whole.
