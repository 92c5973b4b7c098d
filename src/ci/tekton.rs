//! Tekton: a result is a small file. All results of a run share a message of 4096 bytes, and a larger one
//! fails it.

use super::{Dialect, Effect, Ended, Output};
use std::path::Path;

/// Tekton.
#[derive(Debug)]
pub(super) struct Tekton;

/// Where results are written, unless [`DIRECTORY_VARIABLE`] says otherwise.
const DIRECTORY: &str = "/tekton/results";
/// The directory of the results, for who has another.
const DIRECTORY_VARIABLE: &str = "CROSSDOCK_TEKTON_RESULTS";
/// The results, and how many bytes each may have: together they leave room for those of others.
const RESULTS: [(&str, usize); 8] = [
    ("result", 16),
    ("exit-code", 4),
    ("changed", 8),
    ("drift", 8),
    ("counts", 256),
    ("digest", 128),
    ("version", 32),
    ("images", 2048),
];

impl Dialect for Tekton {
    fn outputs(&self, outputs: &[(Output, String)], ended: &Ended<'_>) -> Vec<Effect> {
        let directory = Path::new(ended.variables.get(DIRECTORY_VARIABLE).unwrap_or(DIRECTORY));
        let mut effects = super::ending::result_file(ended);
        for (output, value) in outputs {
            if let Some((name, bytes_max)) = RESULTS.iter().find(|(name, _)| *name == output.name) {
                let text = whole_lines(value, *bytes_max).to_owned();
                effects.push(Effect::Write { path: directory.join(name), text });
            }
        }
        effects
    }
}

/// As many whole lines as fit.
fn whole_lines(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let end = text.match_indices('\n').map(|(at, _)| at).take_while(|at| *at <= bytes_max).last();
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_whole_lines_and_fit_together() {
        assert_eq!(whole_lines("ab\ncd\nef", 8), "ab\ncd\nef");
        assert_eq!(whole_lines("ab\ncd\nef", 7), "ab\ncd");
        assert_eq!(whole_lines("ab\ncd\nef", 2), "ab");
        assert_eq!(whole_lines("ab\ncd\nef", 1), "");
        assert!(RESULTS.iter().map(|(name, bytes)| name.len() + bytes).sum::<usize>() < 3 * 1024);
    }
}
