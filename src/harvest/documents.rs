//! A text of several YAML documents, in its documents, each with the lines that stand before it.

/// A document of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Document<'t> {
    pub(super) text: &'t str,
    /// How many lines of the file stand before it.
    pub(super) before: u32,
}

/// The documents of a text, without those that have no content. A line that begins with `---` or `...` is a
/// marker wherever it stands, also within a text of several lines (YAML 1.2.2, 9.1.2).
pub(super) fn documents(text: &str) -> Vec<Document<'_>> {
    let mut documents = Vec::new();
    let (mut start, mut before) = (0, 0);
    let (mut at, mut line) = (0, 0);
    let mut cut = |start: usize, end: usize, before: u32| {
        let text = &text[start..end];
        if text.lines().any(is_content) {
            documents.push(Document { text, before });
        }
    };
    for next in text.split_inclusive('\n') {
        // Directives belong to the document after them.
        if is_marker(next, "---")
            && text[start..at].lines().any(|line| is_content(line) || is_marker(line, "---"))
        {
            cut(start, at, before);
            (start, before) = (at, line);
        }
        at += next.len();
        line += 1;
        if is_marker(next, "...") {
            cut(start, at, before);
            (start, before) = (at, line);
        }
    }
    cut(start, text.len(), before);
    documents
}

/// Whether a line is a marker: nothing follows but blanks, or content after one.
fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

/// Whether a line is more than a comment, a directive or a marker.
fn is_content(line: &str) -> bool {
    let rest = match is_marker(line, "---") || is_marker(line, "...") {
        true => &line[3..],
        false if line.starts_with('%') => "",
        false => line,
    };
    let rest = rest.trim_start_matches([' ', '\t', '\u{feff}']).trim_end();
    !rest.is_empty() && !rest.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(u32, &str)> {
        documents(text).into_iter().map(|document| (document.before, document.text)).collect()
    }

    #[test]
    fn a_text_falls_into_its_documents() {
        assert_eq!(told("a: 1\n"), [(0, "a: 1\n")]);
        assert_eq!(told("---\na: 1\n---\nb: 2"), [(0, "---\na: 1\n"), (2, "---\nb: 2")]);
        assert_eq!(told("# x\n---\n# only a comment\n---\r\na: 1\n"), [(3, "---\r\na: 1\n")]);
        assert_eq!(told("--- {a: 1}\n--- # b\nb: 2\n"), [(0, "--- {a: 1}\n"), (1, "--- # b\nb: 2\n")]);
        assert_eq!(
            told("%YAML 1.2\n---\na: 1\n...\nb: 2\n"),
            [(0, "%YAML 1.2\n---\na: 1\n...\n"), (4, "b: 2\n")]
        );
        assert_eq!(told("a: |\n  ---\n  b\n----\n"), [(0, "a: |\n  ---\n  b\n----\n")]);
        assert_eq!(told(""), []);
        assert_eq!(told("---\n---\n...\n# a\n"), []);
    }
}
