//! Lines for a terminal: our own words and colours, and everything else through the escaper. There
//! is no way past it.

use super::escape;
use crate::colour::Colour;
use std::fmt::{Display, Write};

/// How much text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What changes and what is wrong.
    Changes,
    /// What is current as well, and every tag of a long list.
    All,
}

/// What a piece of text is coloured for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    New,
    Changed,
    Wrong,
    Faint,
    Strong,
}

/// Ends every colour.
const PLAIN: &str = "\u{1b}[0m";

impl Ink {
    /// The SGR sequence: ECMA-48 §8.3.117. Only what every terminal and CI log has.
    fn code(self) -> &'static str {
        match self {
            Self::New => "\u{1b}[32m",
            Self::Changed => "\u{1b}[33m",
            Self::Wrong => "\u{1b}[31m",
            Self::Faint => "\u{1b}[2m",
            Self::Strong => "\u{1b}[1m",
        }
    }
}

/// Text that is being put together.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    colour: Colour,
}

impl Page {
    pub(crate) fn new(colour: Colour) -> Self {
        Self { text: String::new(), colour }
    }

    /// Our own words.
    pub(crate) fn own(&mut self, words: &'static str) -> &mut Self {
        self.text.push_str(words);
        self
    }

    /// Anything else: it goes through the escaper.
    pub(crate) fn say(&mut self, value: impl Display) -> &mut Self {
        write!(self.text, "{}", escape::Foreign(value)).expect("a String takes everything");
        self
    }

    /// Our own words in a colour.
    pub(crate) fn own_in(&mut self, ink: Ink, words: &'static str) -> &mut Self {
        self.start(ink);
        self.text.push_str(words);
        self.stop();
        self
    }

    /// Anything else in a colour.
    pub(crate) fn say_in(&mut self, ink: Ink, value: impl Display) -> &mut Self {
        self.start(ink);
        self.say(value);
        self.stop();
        self
    }

    /// Anything else, with spaces up to `width` characters.
    pub(crate) fn say_padded(&mut self, value: impl Display, width: usize) -> &mut Self {
        let shown = escape::foreign(value);
        let missing = width.saturating_sub(shown.chars().count());
        self.text.push_str(&shown);
        self.text.extend(std::iter::repeat_n(' ', missing));
        self
    }

    /// Ends the line.
    pub(crate) fn end(&mut self) -> &mut Self {
        self.own("\n")
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn start(&mut self, ink: Ink) {
        if self.colour == Colour::Always {
            self.text.push_str(ink.code());
        }
    }

    fn stop(&mut self) {
        if self.colour == Colour::Always {
            self.text.push_str(PLAIN);
        }
    }
}
