//! Keeps the house in order: which room may know which, where each package lives, how long a file
//! may be, and that the pages name what exists. Reads the repository; never changes it.

mod filters;
mod floors;
mod homes;
mod pages;
mod sizes;
mod source;
mod words;

/// Fails with one line for each thing that is out of order.
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}
