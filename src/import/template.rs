//! Templates as Go's, as far as files of registries have them: `{{ env "NAME" }}` and `{{ file "PATH" }}`.

use super::expand::Piece;

/// A text with its templates as variables.
///
/// # Errors
/// A template that is something else, in its own words.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let Some((inner, after)) = after.split_once("}}") else { return Err(rest.to_owned()) };
        pieces.push(Piece::Variable(variable(inner).ok_or_else(|| inner.trim().to_owned())?));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

/// Whether one of the templates reads a file.
pub(super) fn reads_files(text: &str) -> bool {
    text.split("{{").skip(1).any(|inner| inner.trim_start_matches(['-', ' ']).starts_with("file"))
}

/// The variable that holds what a template gives. A file has none: its name makes one.
fn variable(inner: &str) -> Option<String> {
    let inner = inner.trim().trim_start_matches('-').trim_end_matches('-').trim();
    let (function, argument) = inner.split_once(char::is_whitespace)?;
    let argument = argument.trim();
    let quoted = |quote: char| argument.strip_prefix(quote)?.strip_suffix(quote);
    let argument = quoted('"').or_else(|| quoted('`'))?;
    match function {
        "env" => Some(argument.to_owned()),
        "file" => {
            let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
            let name: String = argument.chars().map(upper).collect();
            Some(format!("FILE_{}", name.trim_start_matches('_')))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_files_are_told_from_texts() {
        let shown = |text: &str| {
            let one = |piece| match piece {
                Piece::Text(text) => text,
                Piece::Variable(name) => format!("<{name}>"),
            };
            pieces(text).map(|pieces| pieces.into_iter().map(one).collect::<String>())
        };
        assert_eq!(shown("a{{env \"B\"}}c{{ file `/run/d` }}"), Ok("a<B>c<FILE_RUN_D>".to_owned()));
        assert_eq!(shown("plain"), Ok("plain".to_owned()));
        for wrong in ["{{ .Ref }}", "{{ env B }}", "{{ env \"B\"", "{{ join \"a\" }}"] {
            assert!(shown(wrong).is_err(), "{wrong}");
        }
    }
}
