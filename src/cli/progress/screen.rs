//! The one way to stderr: whole lines, and bars that step aside for them.

use indicatif::MultiProgress;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Stderr, or what stands for it. Cheap to clone; every clone is the same screen.
///
/// Made first of all, so that the log can be plugged into it before there are bars.
#[derive(Clone)]
pub struct Screen(Arc<Inner>);

struct Inner {
    sink: Mutex<Box<dyn Write + Send>>,
    bars: Mutex<Option<MultiProgress>>,
    writes: AtomicU64,
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
        Self(Arc::new(Inner {
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

    /// How often something was written: who sees no change knows that it was quiet.
    pub(super) fn writes(&self) -> u64 {
        self.0.writes.load(Ordering::Relaxed)
    }

    /// Lets `bars` step aside for every line from now on.
    pub(super) fn set_bars(&self, bars: Option<MultiProgress>) {
        *self.0.bars.lock().unwrap_or_else(PoisonError::into_inner) = bars;
    }

    fn lines(&self, bytes: &[u8]) -> io::Result<()> {
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
