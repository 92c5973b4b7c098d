//! Whether text has colours. Says nothing of which.

/// Whether text has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With ANSI escape sequences.
    Always,
    /// Plain text.
    Never,
}
