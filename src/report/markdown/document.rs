//! A Markdown document that ends in time: rows are written while there is room, and then counted.

use std::fmt::Write as _;

/// A document that is being put together.
#[derive(Debug)]
pub(super) struct Document {
    text: String,
    limit_bytes: usize,
    /// Rows that found no room. From the first of these on, none does.
    left_out: u64,
}

/// What stands above a table.
#[derive(Debug)]
pub(super) enum Above {
    /// A heading.
    Heading(&'static str),
    /// A line that opens the table when it is clicked on; only numbers and our own words.
    Folded(String),
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    /// Text, to the left.
    Text(&'static str),
    /// A number, to the right.
    Number(&'static str),
}

/// Room that is kept for the line that says how many rows are missing.
const NOTE_BYTES: usize = 64;

impl Document {
    /// A document that begins with `heading`, which has no foreign text, and may get `limit_bytes` long.
    pub(super) fn new(heading: &str, limit_bytes: usize) -> Self {
        Self { text: format!("## {heading}\n"), limit_bytes, left_out: 0 }
    }

    /// A paragraph, if there is room for it.
    pub(super) fn paragraph(&mut self, text: &str) {
        if self.has_room(text.len() + 2) {
            let _ = write!(self.text, "\n{text}\n");
        }
    }

    /// A table of `rows`, each as many cells as there are columns. None when there are no rows.
    pub(super) fn table(
        &mut self,
        above: &Above,
        columns: &[Column],
        rows: impl Iterator<Item = Vec<String>>,
    ) {
        let (opening, closing) = match above {
            Above::Heading(heading) => (format!("\n### {heading}\n\n{}", head(columns)), ""),
            Above::Folded(summary) => {
                (format!("\n<details><summary>{summary}</summary>\n\n{}", head(columns)), "\n</details>\n")
            }
        };
        let mut opened = false;
        for cells in rows {
            let row = format!("| {} |\n", cells.join(" | "));
            let opening = if opened { "" } else { opening.as_str() };
            if self.left_out > 0 || !self.has_room(opening.len() + row.len() + closing.len()) {
                self.left_out += 1;
                continue;
            }
            self.text.push_str(opening);
            self.text.push_str(&row);
            opened = true;
        }
        if opened {
            self.text.push_str(closing);
        }
    }

    /// The text. Empty when there is no room for its heading.
    pub(super) fn into_text(mut self) -> String {
        match self.left_out {
            0 => (),
            1 => self.text.push_str("\n1 more row in the report.\n"),
            rows => {
                let _ = writeln!(self.text, "\n{rows} more rows in the report.");
            }
        }
        match self.text.len() <= self.limit_bytes {
            true => self.text,
            false => String::new(),
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.text.len() + bytes + NOTE_BYTES <= self.limit_bytes
    }
}

fn head(columns: &[Column]) -> String {
    let (mut names, mut lines) = (String::from("|"), String::from("|"));
    for column in columns {
        let (name, line) = match column {
            Column::Text(name) => (name, "---"),
            Column::Number(name) => (name, "--:"),
        };
        let _ = write!(names, " {name} |");
        let _ = write!(lines, "{line}|");
    }
    format!("{names}\n{lines}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(limit_bytes: usize) -> String {
        let mut document = Document::new("Sync: 3 created", limit_bytes);
        document.paragraph("Facts.");
        let rows = |count: usize| (0..count).map(|at| vec![format!("`{at}`"), at.to_string()]);
        let columns = [Column::Text("Target"), Column::Number("Bytes")];
        document.table(&Above::Heading("Changed"), &columns, rows(3));
        document.table(&Above::Heading("Nothing"), &columns, rows(0));
        document.table(&Above::Folded("2 current".to_owned()), &columns, rows(2));
        document.into_text()
    }

    #[test]
    fn a_document_has_a_heading_and_tables() {
        insta::assert_snapshot!(text(usize::MAX));
    }

    #[test]
    fn a_document_ends_at_a_row_within_its_limit_and_counts_what_is_missing() {
        let whole = text(usize::MAX);
        let mut left_out = std::collections::BTreeSet::new();
        for limit in 0..whole.len() + NOTE_BYTES {
            let text = text(limit);
            assert!(text.len() <= limit, "{limit}: {text}");
            assert_eq!(text.matches("<details>").count(), text.matches("</details>").count(), "{text}");
            let rows = u64::try_from(text.matches("| `").count()).expect("few");
            let note = text.lines().last().and_then(|line| line.split_once(" more row"));
            let missing = note.map_or(0, |(count, _)| count.parse().expect("a number"));
            assert!(text.is_empty() || rows + missing == 5, "{limit}: {text}");
            left_out.insert(missing);
        }
        assert_eq!(left_out, (0..=5).collect());
    }
}
