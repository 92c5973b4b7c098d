//! The instructions of a Dockerfile: directives at its top, comments, lines that go on, and here-documents.

/// An instruction, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instruction {
    /// The line that it begins on, from 1.
    pub(super) line: u32,
    /// Its name in upper case.
    pub(super) name: String,
    /// What stands behind the name.
    pub(super) rest: String,
}

/// What a file is made of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// The image of the program that reads the file, and its line.
    pub(super) syntax: Option<(u32, String)>,
    /// The character before what means itself, and at the end of lines that go on.
    pub(super) escape: char,
    pub(super) instructions: Vec<Instruction>,
    /// Where a here-document begins that never ends.
    pub(super) open: Option<u32>,
}

/// Instructions that take here-documents.
const WITH_DOCUMENTS: [&str; 3] = ["RUN", "COPY", "ADD"];

/// Reads a file.
pub(super) fn read(text: &str) -> Lines {
    let mut lines =
        text.trim_start_matches('\u{feff}').lines().zip(1_u32..).map(|(text, line)| (line, text)).peekable();
    let mut read = Lines { syntax: None, escape: '\\', instructions: Vec::new(), open: None };
    if lines.peek().is_some_and(|(_, text)| text.starts_with("#!")) {
        lines.next();
    }
    while let Some((name, value)) = lines.peek().and_then(|(_, text)| directive(text)) {
        let line = lines.next().map_or(1, |(line, _)| line);
        match name.as_str() {
            "syntax" => read.syntax = Some((line, value)),
            "escape" => read.escape = if value == "`" { '`' } else { '\\' },
            "check" => {}
            // A comment; and behind comments there are no directives.
            _ => break,
        }
    }
    while let Some((line, text)) = lines.next() {
        if is_comment(text) || text.trim().is_empty() {
            continue;
        }
        let mut whole = text.trim_start().to_owned();
        while let Some(kept) = goes_on(&whole, read.escape) {
            whole.truncate(kept);
            let next = lines.find(|(_, text)| !is_comment(text) && !text.trim().is_empty());
            match next {
                Some((_, text)) => whole.push_str(text),
                None => break,
            }
        }
        let (name, rest) = split(&whole);
        for (name, strips) in documents(&name, rest) {
            let is_end = |text: &str| (if strips { text.trim_start_matches('\t') } else { text }) == name;
            if !lines.any(|(_, text)| is_end(text)) {
                read.open = Some(line);
            }
        }
        read.instructions.push(Instruction { line, name, rest: rest.to_owned() });
    }
    read
}

/// The name of an instruction, and what is behind it.
pub(super) fn split(text: &str) -> (String, &str) {
    let (name, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    (name.trim().to_ascii_uppercase(), rest.trim())
}

/// The words of a text: blanks within quotes part nothing, and quotes stay.
pub(super) fn words(text: &str, escape: char) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quote, mut escaped) = (None, false);
    for next in text.chars() {
        match quote {
            None if next.is_whitespace() && !escaped => {
                words.push(String::new());
                continue;
            }
            None if (next == '"' || next == '\'') && !escaped => quote = Some(next),
            Some(open) if next == open && !escaped => quote = None,
            _ => {}
        }
        escaped = next == escape && !escaped && quote != Some('\'');
        if let Some(word) = words.last_mut() {
            word.push(next);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `# name=value`, at the top of a file.
fn directive(text: &str) -> Option<(String, String)> {
    let (name, value) = text.trim().strip_prefix('#')?.split_once('=')?;
    let name = name.trim();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    (is_name && !value.trim().is_empty()).then(|| (name.to_ascii_lowercase(), value.trim().to_owned()))
}

fn is_comment(text: &str) -> bool {
    text.trim_start().starts_with('#')
}

/// How many bytes of a line count that goes on in the next; none when it does not go on.
fn goes_on(text: &str, escape: char) -> Option<usize> {
    let before = text.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    // Two of them are one that means itself.
    (!before.ends_with(escape)).then_some(before.len())
}

/// The names of the here-documents that an instruction begins, and whether tabs before their ends are
/// dropped.
fn documents(name: &str, rest: &str) -> Vec<(String, bool)> {
    let (name, rest) = match name {
        "ONBUILD" => split(rest),
        _ => (name.to_owned(), rest),
    };
    if !WITH_DOCUMENTS.contains(&name.as_str()) {
        return Vec::new();
    }
    let document = |word: String| {
        let word = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?.to_owned();
        let (strips, word) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word.as_str()),
        };
        let name: String = word.chars().filter(|c| !['"', '\''].contains(c)).collect();
        (!name.is_empty() && !name.contains('<')).then_some((name, strips))
    };
    words(rest, '\\').into_iter().filter_map(document).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let one = |it: Instruction| format!("{} {} {}", it.line, it.name, it.rest);
        read(text).instructions.into_iter().map(one).collect()
    }

    #[test]
    fn lines_go_on_over_comments_and_blanks() {
        let text = "# a\nfrom a \\\n  # b\n\n  as x\n\n run b \\  \n c\\\\\nRUN d\n";
        assert_eq!(told(text), ["2 FROM a   as x", "7 RUN b  c\\\\", "9 RUN d"]);
        assert_eq!(told("FROM a \\"), ["1 FROM a"]);
        assert_eq!(
            told("# escape=`\nFROM a `\n AS b\nRUN c \\\nRUN d"),
            ["2 FROM a  AS b", "4 RUN c \\", "5 RUN d"]
        );
    }

    #[test]
    fn here_documents_are_no_instructions() {
        let text = "RUN <<EOF\nFROM no\nEOF\nCOPY <<-'A' <<\"B\" /x\nFROM no\n\t\tA\nFROM no\nB\nRUN cat <<< FROM\nFROM yes\n";
        assert_eq!(
            told(text),
            ["1 RUN <<EOF", "4 COPY <<-'A' <<\"B\" /x", "9 RUN cat <<< FROM", "10 FROM yes"]
        );
        assert_eq!(told("RUN echo \"<<EOF\"\nFROM yes")[1], "2 FROM yes");
        assert_eq!(told("ONBUILD RUN <<E\nFROM no\nE\nFROM yes").len(), 2);
        assert_eq!(told("ENV A=<<EOF\nFROM yes").len(), 2);
        let open = read("FROM a\nRUN <<EOF\nFROM b\n");
        assert_eq!((open.open, open.instructions.len()), (Some(2), 2));
    }

    #[test]
    fn directives_stand_at_the_top_only() {
        let syntax = |text: &str| read(text).syntax;
        assert_eq!(syntax("#syntax=a/b:1\nFROM x"), Some((1, "a/b:1".to_owned())));
        assert_eq!(
            syntax("#!/usr/bin/env x\n# check=skip=all\n# Syntax = a\nFROM x"),
            Some((3, "a".to_owned()))
        );
        assert_eq!(syntax("# a comment\n# syntax=a\nFROM x"), None);
        assert_eq!(syntax("\n# syntax=a\nFROM x"), None);
        assert_eq!(syntax("# other=1\n# syntax=a\nFROM x"), None);
    }

    #[test]
    fn words_keep_their_quotes() {
        assert_eq!(words("a \"b c\"d  'e \\'  f\\ g", '\\'), ["a", "\"b c\"d", "'e \\'", "f\\ g"]);
    }
}
