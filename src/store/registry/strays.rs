//! What is in a list and does not belong there: counted, and some of it kept to be told.

/// Most of it that is told,
pub(super) const EXAMPLES_MAX: usize = 3;
/// and most characters of each.
pub(super) const EXAMPLE_CHARS_MAX: usize = 40;

/// Names in a list that are none.
#[derive(Debug, Default)]
pub(super) struct Strays {
    /// How many.
    pub(super) count: u64,
    /// Some of them, cut.
    pub(super) for_example: Vec<String>,
}

impl Strays {
    /// Counts one.
    pub(super) fn add(&mut self, name: &str) {
        self.count += 1;
        if self.for_example.len() < EXAMPLES_MAX {
            self.for_example.push(name.chars().take(EXAMPLE_CHARS_MAX).collect());
        }
    }
}
