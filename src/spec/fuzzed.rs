//! What holds for specs, whatever the bytes are.

use super::{Problem, Problems, load};
use crate::colour::Colour;

/// The variables that a spec finds. What is secret in them has a canary.
fn env(name: &str) -> Option<String> {
    let value = match name {
        "USER" => "bob",
        "TOKEN" => "xCANARYx",
        "COUNT" => "2",
        "EMPTY" => "",
        "HOST" => "localhost:5000",
        _ => return None,
    };
    Some(value.to_owned())
}

/// A spec is read as the same each time. Every problem has a place inside of the text, whose line and column
/// say where it begins; and what is shown of it is printable, and tells no value of a variable.
pub fn spec(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let loaded = load("crossdock.yaml", text, &env);
    let is_good = loaded.is_ok();
    let told = match loaded {
        Ok(spec) => {
            assert!(spec.mirrors.len() + spec.estates.len() > 0 && spec.sha256.matches(bytes));
            let again = load("crossdock.yaml", text, &env).expect("it was read a moment ago");
            assert_eq!(format!("{spec:?}"), format!("{again:?}"));
            Problems::new("crossdock.yaml", text, spec.warnings)
        }
        Err(problems) => {
            assert!(problems.has_errors());
            problems
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    told.iter().for_each(|problem| is_placed(problem, text));
    for shown in [told.render(Colour::Never), told.to_string()] {
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        assert!(!shown.contains("xCANARYx") || text.contains("xCANARYx"), "{shown}");
    }
    is_good
}

fn is_placed(problem: &Problem, text: &str) {
    let related = problem.related.iter().map(|related| related.place);
    for place in related.chain([problem.place]) {
        let span = place.span;
        assert!(text.get(span.start..span.end).is_some(), "{problem:?}");
        let before = &text[..span.start];
        let line = before.matches('\n').count() + 1;
        assert_eq!(place.line as usize, line, "{problem:?}");
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        assert_eq!(place.column as usize, before[start..].chars().count() + 1, "{problem:?}");
    }
}
