//! What was found in files so far, and what is to be said of it.

use super::workload::Workload;
use super::{Migration, Sources};
use crate::import::{Fault, Note, NoteKind, Site};
use crate::spec::{Part, Place};
use std::rc::Rc;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathered {
    /// What names images, in the order of the files.
    pub workloads: Vec<Workload>,
    /// Migrations that are asked for.
    pub migrations: Vec<Migration>,
    /// What is not as one could think.
    pub notes: Vec<Note>,
    /// What is wrong with the files.
    pub faults: Vec<Fault>,
}

/// A part of a file that is being read.
#[derive(Clone)]
pub(super) struct Sheet<'s> {
    pub(super) file: Rc<str>,
    /// How many lines stand before what is read.
    pub(super) before: u32,
    pub(super) sources: Sources<'s>,
}

impl Sheet<'_> {
    /// Where something stands in the file.
    pub(super) fn site(&self, place: Place) -> Site {
        Site { file: Rc::clone(&self.file), line: place.line + self.before, column: place.column }
    }

    /// Where a value stands in the file.
    pub(super) fn at(&self, part: Part<'_>) -> Site {
        self.site(part.place())
    }

    /// A line of the file, from 1.
    pub(super) fn line(&self, line: u32) -> Site {
        Site { file: Rc::clone(&self.file), line, column: 1 }
    }
}

impl Gathered {
    /// Something is not taken.
    pub(super) fn left_out(&mut self, site: impl Into<Option<Site>>, message: impl Into<String>) {
        self.notes.push(Note { kind: NoteKind::LeftOut, site: site.into(), message: message.into() });
    }

    /// Something is taken, and is not what one could think.
    pub(super) fn changed(&mut self, site: impl Into<Option<Site>>, message: impl Into<String>) {
        self.notes.push(Note { kind: NoteKind::Changed, site: site.into(), message: message.into() });
    }

    /// Something is wrong.
    pub(super) fn fault(&mut self, site: impl Into<Option<Site>>, message: impl Into<String>, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.faults.push(Fault { site: site.into(), message: message.into(), help });
    }
}
