//! The access log of docker-registry: which requests it answered. Written by it, only read here.

use regex::Regex;
use std::fmt;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A log that did not grow for so long is complete.
const QUIET: Duration = Duration::from_millis(60);

/// One answered request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The method.
    pub method: String,
    /// The path with its query.
    pub target: String,
    /// The status of the answer.
    pub status: u16,
}

/// The file, and how much of it is to be left out.
pub(super) struct AccessLog {
    file: PathBuf,
    skipped_bytes: usize,
}

/// The combined log format of Apache.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^\S+ \S+ .*? \[[^\]]+\] "([A-Z]+) (\S+) HTTP/[0-9.]+" (\d{3}) "#).expect("valid")
});

impl AccessLog {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, skipped_bytes: 0 }
    }

    /// What is in it, once it does not grow any more: a line is written after its answer.
    pub(super) fn read(&self) -> Vec<Served> {
        let text = self.text();
        let lines = LINE.captures_iter(&text[self.skipped_bytes..]);
        let served = lines.map(|line| Served {
            method: line[1].to_owned(),
            target: line[2].to_owned(),
            status: line[3].parse().expect("three digits"),
        });
        served.collect()
    }

    pub(super) fn clear(&mut self) {
        self.skipped_bytes = self.text().len();
    }

    fn text(&self) -> String {
        let read = || std::fs::read_to_string(&self.file).expect("the registry has a log");
        let (mut text, mut since) = (read(), Instant::now());
        while since.elapsed() < QUIET {
            std::thread::sleep(QUIET / 6);
            let now = read();
            if now.len() != text.len() {
                (text, since) = (now, Instant::now());
            }
        }
        text
    }
}

impl Served {
    /// Whether it changes something.
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD")
    }
}

impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method, self.target, self.status)
    }
}
