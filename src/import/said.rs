//! What is said about files that are imported: where something stands, what changes in meaning, and what
//! cannot be read. Never holds a secret.

use std::fmt;
use std::rc::Rc;

/// Where something stands in a file that is imported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The file, as it was named.
    pub file: Rc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// Something that is not as the other tool does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What kind of difference it is.
    pub kind: NoteKind,
    /// Where; none where it is about the run as a whole.
    pub site: Option<Site>,
    /// What is different, and why.
    pub message: String,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// It is taken over, and means something else.
    Changed,
    /// It is not taken over.
    LeftOut,
}

/// Why nothing can be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where; none where it is about the call as a whole.
    pub site: Option<Site>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl NoteKind {
    /// The word for it, stable across versions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::LeftOut => "left-out",
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(site) = &self.site {
            write!(f, "{site}: ")?;
        }
        match self.kind {
            NoteKind::Changed => f.write_str("changed: "),
            NoteKind::LeftOut => f.write_str("left out: "),
        }?;
        f.write_str(&self.message)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(site) = &self.site {
            write!(f, "{site}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}
