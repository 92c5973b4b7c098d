//! Where problems are, for formats that point into files: paths as URIs, and fingerprints by which a
//! problem is known again after the lines around it have moved.

use super::run::{Problem, Run};
use crate::oci::Digest;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How many hexadecimal digits tell problems apart.
const FINGERPRINT_DIGITS: usize = 32;

/// Every problem of a run with its fingerprint, in order.
///
/// A fingerprint is made of the kind, the file and the message, and not of the line; of several that
/// are the same in all of these, each has its number in it.
pub(super) fn fingerprinted(run: &Run) -> impl Iterator<Item = (&Problem, String)> {
    let mut seen = BTreeMap::<(&str, Option<&str>, &str), u64>::new();
    run.problems.iter().map(move |problem| {
        let key = (problem.code.as_str(), problem.path.as_deref(), problem.message.as_str());
        let count = seen.entry(key).or_default();
        *count += 1;
        let text = format!("{}\n{}\n{}\n{count}", key.0, key.1.unwrap_or_default(), key.2);
        (problem, Digest::of(text.as_bytes()).hex()[..FINGERPRINT_DIGITS].to_owned())
    })
}

/// A path with `/` between its parts and without `./` before it.
pub(super) fn relative(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut rest = path.as_str();
    while let Some(below) = rest.strip_prefix("./") {
        rest = below.trim_start_matches('/');
    }
    rest.to_owned()
}

/// A path as a URI: relative where the path is, `file:` where it begins at the root.
pub(super) fn uri(path: &str) -> String {
    let path = relative(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        // RFC 3986, 2.3, and the border of path segments. A colon could be taken for that of a scheme.
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Command, Severity, sample};

    #[test]
    fn paths_are_relative_uris() {
        let shown =
            ["crossdock.yaml", "./.github/crossdock.yaml", "a b/ä:%.yaml", "sub\\a.yaml", "/w/a.yaml"];
        let expected = [
            "crossdock.yaml",
            ".github/crossdock.yaml",
            "a%20b/%C3%A4%3A%25.yaml",
            "sub/a.yaml",
            "file:///w/a.yaml",
        ];
        assert_eq!(shown.map(uri), expected);
    }

    #[test]
    fn a_fingerprint_stays_when_lines_move_and_tells_equals_apart() {
        let prints = |run: &Run| -> Vec<String> { fingerprinted(run).map(|(_, print)| print).collect() };
        let mut run = sample::run(Command::Lint);
        run.problems = vec![sample::problem(Severity::Error), sample::problem(Severity::Error)];
        let before = prints(&run);
        assert_ne!(before[0], before[1]);
        run.problems[0].line = Some(99);
        assert_eq!(prints(&run), before);
        run.problems[0].message = "another".to_owned();
        assert_ne!(prints(&run)[0], before[0]);
    }
}
