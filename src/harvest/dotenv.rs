//! `.env` files beside compose files: names with values, which count where the environment has none.

use super::interpolation::{Escape, interpolate};
use std::collections::BTreeMap;

/// The variables of a file. `ambient` is the environment, for values that name variables. A line that is
/// none of a name and a value says nothing.
pub(super) fn read(text: &str, ambient: &dyn Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, rest)) = line.split_once('=') else { continue };
        let name = name.trim();
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let value = value(rest.trim());
        let known_so_far = |name: &str| ambient(name).or_else(|| known.get(name).cloned());
        let value = match value {
            Value::Literal(text) => Some(text),
            // A value that cannot be said is none: what names the variable is told of.
            Value::Variables(text) => interpolate(&text, Escape::Character('\\'), &known_so_far).ok(),
        };
        if let Some(value) = value.filter(|_| is_name) {
            known.insert(name.to_owned(), value);
        }
    }
    known
}

/// What stands behind `=`.
enum Value {
    /// In single quotes: what it is.
    Literal(String),
    /// In double quotes or none: variables are put in.
    Variables(String),
}

fn value(text: &str) -> Value {
    for quote in ['\'', '"'] {
        let Some(inner) = text.strip_prefix(quote) else { continue };
        // A quote with a backslash before it ends nothing.
        let is_end = |at: &usize| quote == '\'' || !inner[..*at].ends_with('\\');
        let Some(end) = inner.match_indices(quote).map(|(at, _)| at).find(is_end) else { break };
        return match quote {
            '\'' => Value::Literal(inner[..end].to_owned()),
            _ => Value::Variables(inner[..end].replace("\\\"", "\"")),
        };
    }
    // A comment has a blank before it.
    let end =
        text.match_indices('#').map(|(at, _)| at).find(|at| *at == 0 || text[..*at].ends_with([' ', '\t']));
    Value::Variables(text[..end.unwrap_or(text.len())].trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_names_with_values() {
        let text = "\u{feff}# a comment\nTAG=1.2 # why\nexport B = \"x # y\"\nC='$TAG'\nD=${TAG}-${OUT}\nE=\n\
                    F=#none\nG=a#b\nno line\n=x\nH=${NOWHERE}\nI=\"a\\\"b\"\nJ='open\n";
        let ambient = |name: &str| (name == "OUT").then(|| "out".to_owned());
        let known = read(text, &ambient);
        let told: Vec<String> = known.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            told,
            ["B=x # y", "C=$TAG", "D=1.2-out", "E=", "F=", "G=a#b", "I=a\"b", "J='open", "TAG=1.2"]
        );
    }
}
