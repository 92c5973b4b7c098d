//! The one way to stderr: whole lines, and bars that step aside for them.

use crate::report::escape;
use indicatif::MultiProgress;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use time::OffsetDateTime;

/// Stderr, or what stands for it. Cheap to clone; every clone is the same screen.
///
/// Made first of all, so that the log can be plugged into it before there are bars.
#[derive(Clone)]
pub struct Screen(Arc<Inner>);

struct Inner {
    lines: Lines,
    /// Written before the next line, if one comes.
    heading: Mutex<Option<String>>,
    sink: Mutex<Box<dyn Write + Send>>,
    bars: Mutex<Option<MultiProgress>>,
    writes: AtomicU64,
}

/// What becomes of lines on their way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// Whether a CI reads them.
    pub reader: Reader,
    /// What stands before them.
    pub stamp: Stamp,
}

/// Who reads lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reader {
    /// People.
    #[default]
    People,
    /// A CI, which takes some of them for commands: none of those gets through.
    Ci,
}

/// What stands before each line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stamp {
    /// Nothing.
    #[default]
    Nothing,
    /// The time, in UTC.
    Time,
}

/// Writes log lines to a [`Screen`]: each `write` is one or more whole lines, as
/// `tracing_subscriber::fmt` makes them.
pub struct LogWriter(Screen);

impl Screen {
    /// The stderr of this process.
    pub fn stderr() -> Self {
        Self::new(io::stderr())
    }

    /// Anything that takes bytes.
    pub fn new(sink: impl Write + Send + 'static) -> Self {
        Self::of(sink, Lines::default())
    }

    /// Anything that takes bytes, and what becomes of lines on their way there.
    pub fn of(sink: impl Write + Send + 'static, lines: Lines) -> Self {
        Self(Arc::new(Inner {
            lines,
            heading: Mutex::new(None),
            sink: Mutex::new(Box::new(sink)),
            bars: Mutex::new(None),
            writes: AtomicU64::new(0),
        }))
    }

    /// Writes one line; its end is added.
    ///
    /// A stderr that is gone stops nobody from working, so errors are not told.
    pub fn line(&self, line: &str) {
        let _ = self.lines(format!("{line}\n").as_bytes());
    }

    /// Writes a line that is a command to the CI, as it is.
    pub fn command(&self, line: &str) {
        let _ = self.write(format!("{line}\n").as_bytes());
    }

    /// Writes a command before the next line, whenever that comes.
    pub fn heading(&self, line: &str) {
        *self.0.heading.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{line}\n"));
    }

    /// Takes back a heading that no line came after.
    pub fn take_heading(&self) -> Option<String> {
        self.0.heading.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// How often something was written: who sees no change knows that it was quiet.
    pub(super) fn writes(&self) -> u64 {
        self.0.writes.load(Ordering::Relaxed)
    }

    /// Lets `bars` step aside for every line from now on.
    pub(super) fn set_bars(&self, bars: Option<MultiProgress>) {
        *self.0.bars.lock().unwrap_or_else(PoisonError::into_inner) = bars;
    }

    fn lines(&self, bytes: &[u8]) -> io::Result<()> {
        if let Some(heading) = self.take_heading() {
            self.write(heading.as_bytes())?;
        }
        if self.0.lines == Lines::default() {
            return self.write(bytes);
        }
        let text = String::from_utf8_lossy(bytes);
        let text = match self.0.lines.reader {
            Reader::People => text.into_owned(),
            Reader::Ci => escape::lines(&text),
        };
        self.write(
            match self.0.lines.stamp {
                Stamp::Nothing => text,
                Stamp::Time => stamped(&text, OffsetDateTime::now_utc()),
            }
            .as_bytes(),
        )
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.writes.fetch_add(1, Ordering::Relaxed);
        let write = || {
            let mut sink = self.0.sink.lock().unwrap_or_else(PoisonError::into_inner);
            sink.write_all(bytes)?;
            sink.flush()
        };
        // Not held while the bars are asked to step aside: they have a lock of their own.
        let bars = self.0.bars.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }
}

/// The lines with the time of the day before each.
fn stamped(text: &str, now: OffsetDateTime) -> String {
    let (hour, minute, second) = now.time().as_hms();
    let line = |line: &str| format!("{hour:02}:{minute:02}:{second:02}Z {line}\n");
    text.lines().map(line).collect()
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lines(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Screen {
    type Writer = LogWriter;

    fn make_writer(&'a self) -> LogWriter {
        LogWriter(self.clone())
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("writes", &self.writes()).finish_non_exhaustive()
    }
}
