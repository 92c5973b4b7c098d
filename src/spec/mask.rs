//! Hides what may be a secret before a line of a spec is printed. Never changes the length of a line.

use super::Span;

/// Parts of key names whose values are hidden, unless they are substitutions.
const SECRET_WORDS: [&str; 5] = ["pas", "pwd", "secret", "token", "credential"];

/// The text with `*` in place of each byte of what may be secret: the values at `known`, and, for
/// lines that were never understood, whatever follows a key that sounds like a secret.
pub(super) fn mask(text: &str, known: &[Span]) -> String {
    let mut masked = text.as_bytes().to_vec();
    for span in known {
        hide(&mut masked, *span);
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        for span in secrets_in(line) {
            hide(&mut masked, Span { start: start + span.start, end: start + span.end });
        }
        start += line.len();
    }
    // Only whole runs of bytes were replaced, each by ASCII.
    String::from_utf8(masked).unwrap_or_default()
}

fn hide(bytes: &mut [u8], span: Span) {
    let end = span.end.min(bytes.len());
    for byte in bytes.get_mut(span.start..end).unwrap_or_default() {
        if *byte != b'\n' && *byte != b'\r' {
            *byte = b'*';
        }
    }
}

/// Values on one line, each after a key with one of [`SECRET_WORDS`] in it.
fn secrets_in(line: &str) -> Vec<Span> {
    let lower = line.to_ascii_lowercase();
    let mut spans = Vec::new();
    for (colon, _) in line.match_indices(':') {
        let rest = &line[colon + 1..];
        let value = rest.trim_start_matches(' ');
        let key_start = lower[..colon].rfind([',', '{', ' ']).map_or(0, |at| at + 1);
        let names_secret = SECRET_WORDS.iter().any(|word| lower[key_start..colon].contains(word));
        if !names_secret || (value.len() == rest.len() && !value.starts_with(['"', '\''])) {
            continue;
        }
        let bare = value.trim_start_matches(['"', '\'']);
        if !bare.starts_with("${") && !bare.starts_with(['{', '[', '&', '*']) {
            let start = line.len() - value.len();
            spans.push(Span { start, end: start + value_length(value, &line[..colon]) });
        }
    }
    spans
}

/// How many bytes of `value` belong to it: up to its quote, a comment, or what ends it inside braces.
fn value_length(value: &str, before: &str) -> usize {
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return value[1..].find(quote).map_or(value.len(), |at| at + 2);
    }
    let end = match before.contains('{') {
        true => value.find([',', '}']).unwrap_or(value.len()),
        false => value.len(),
    };
    value[..end].split(" #").next().unwrap_or_default().trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_key_that_sounds_secret_is_hidden() {
        let hidden = |text: &str| mask(text, &[]);
        assert_eq!(hidden("user: x\npasword: hünter\n"), "user: x\npasword: *******\n");
        assert_eq!(hidden("{ identity_token: \"abc\", helper: x }"), "{ identity_token: *****, helper: x }");
        assert_eq!(hidden("password: \"${TOKEN}\" # why"), "password: \"${TOKEN}\" # why");
        assert_eq!(hidden("  Password:   a, b # c"), "  Password:   **** # c");
        assert_eq!(hidden("{\"token\":\"a,b\",\"x\":1}"), "{\"token\":*****,\"x\":1}");
        assert_eq!(hidden("{token: a, x: 1}"), "{token: *, x: 1}");
        assert_eq!(hidden("credentials: { username: bob }"), "credentials: { username: bob }");
    }

    #[test]
    fn known_secrets_are_hidden_wherever_they_are() {
        let text = "a: |\n  hünter\n";
        assert_eq!(mask(text, &[Span { start: 3, end: text.len() }]), "a: *\n*********\n");
    }
}
