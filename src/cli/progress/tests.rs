//! The display, on a screen that remembers and with a clock that is stopped.

use super::*;
use crate::failure::Code;
use crate::plan::sample as plan_sample;
use crate::report::{Settled, sample};
use std::io::{self, Write};
use std::sync::Mutex;
use tracing_subscriber::fmt::MakeWriter;

/// Remembers what was written to it.
#[derive(Debug, Clone, Default)]
struct Paper(Arc<Mutex<Vec<String>>>);

impl Paper {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().expect("no test panics while it writes").push(what.into());
    }

    fn notes(&self) -> Vec<String> {
        self.0.lock().expect("no test panics while it writes").clone()
    }

    fn text(&self) -> String {
        self.notes().concat()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.note(String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal that says what it is told to do.
impl indicatif::TermLike for Paper {
    fn width(&self) -> u16 {
        100
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        if lines > 0 {
            self.note("<up>");
        }
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.note(format!("{line}\n"));
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.note(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.note("<clear>");
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Tells the display of everything that can become of a target tag.
fn tell_everything(progress: &Progress) {
    let settled = [
        sample::created(1),
        sample::current(2),
        sample::refused(3),
        sample::deferred(4),
        sample::failed(5, Code::Network),
    ];
    for Settled { entry, outcomes, .. } in settled {
        let current = sample::outcome(Done::Current);
        progress.item(&entry, &entry.targets[0], outcomes[0].as_ref().unwrap_or(&current));
    }
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_millis(seconds * 1_000 + 1)).await;
}

#[test]
fn bars_are_for_terminals_outside_of_a_ci() {
    let table = [
        (Choice::Auto, Stream::Terminal, None, Mode::Tty),
        (Choice::Auto, Stream::Terminal, Some("github"), Mode::Plain),
        (Choice::Auto, Stream::Other, None, Mode::Plain),
        (Choice::Tty, Stream::Other, Some("github"), Mode::Tty),
        (Choice::Plain, Stream::Terminal, None, Mode::Plain),
        (Choice::Json, Stream::Terminal, None, Mode::Json),
        (Choice::None, Stream::Terminal, None, Mode::None),
    ];
    for (choice, stderr, ci, expected) in table {
        assert_eq!(choice.resolve(stderr, ci), expected, "{choice:?} {stderr:?} {ci:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn plain_lines_tell_what_changes_and_that_it_lives() {
    let paper = Paper::default();
    let meter = Meter::new();
    let screen = Screen::new(paper.clone());
    let progress = Progress::start(Mode::Plain, Arc::clone(&meter), &screen, Colour::Never);
    tell_everything(&progress);
    meter.entry_found();
    seconds(29).await;
    assert_eq!(paper.text().lines().count(), 3, "{}", paper.text());
    seconds(5).await;
    assert_eq!(paper.text().lines().count(), 4, "{}", paper.text());
    meter.bytes_moved(1 << 30);
    seconds(25).await;
    screen.line("somebody else says something");
    seconds(25).await;
    assert_eq!(paper.text().lines().count(), 5, "{}", paper.text());
    seconds(10).await;
    progress.finish();
    seconds(100).await;
    insta::assert_snapshot!(paper.text());
}

#[tokio::test(start_paused = true)]
async fn json_lines_tell_everything_once() {
    let paper = Paper::default();
    let meter = Meter::new();
    let screen = Screen::new(paper.clone());
    let progress = Progress::start(Mode::Json, Arc::clone(&meter), &screen, Colour::Never);
    seconds(10).await;
    tell_everything(&progress);
    meter.entry_found();
    meter.expect_bytes(4_096);
    meter.bytes_moved(2_048);
    seconds(10).await;
    meter.entry_done();
    meter.discovery_finished();
    progress.finish();
    let text = paper.text();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert!(value["event"].is_string(), "{line}");
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_nothing() {
    let paper = Paper::default();
    let progress = Progress::start(Mode::None, Meter::new(), &Screen::new(paper.clone()), Colour::Never);
    tell_everything(&progress);
    seconds(100).await;
    progress.finish();
    assert_eq!(paper.notes(), Vec::<String>::new());
}

/// Starts bars on a screen that shares its paper with the terminal.
fn bars(paper: &Paper, meter: &Arc<Meter>, screen: &Screen) -> Progress {
    let target = indicatif::ProgressDrawTarget::term_like(Box::new(paper.clone()));
    let tty = tty::Tty::start(Arc::clone(meter), screen.clone(), Colour::Never, target);
    Progress::ticking(Display::Tty(tty), FRAME)
}

#[tokio::test(start_paused = true)]
async fn a_log_line_does_not_tear_the_bar() {
    let paper = Paper::default();
    let meter = Meter::new();
    let screen = Screen::new(paper.clone());
    let progress = bars(&paper, &meter, &screen);
    meter.entry_found();
    seconds(1).await;
    assert!(paper.text().contains("0 images done of 1 found so far"), "{}", paper.text());
    screen.make_writer().write_all(b"WARN a log line\n").expect("it can be written");
    let notes = paper.notes();
    let at = notes.iter().position(|note| note == "WARN a log line\n").expect("it was written");
    let before = notes[..at].iter().rev().find(|note| !note.is_empty());
    assert_eq!(before.map(String::as_str), Some("<clear>"), "{notes:?}");
    assert!(notes[at + 1..].concat().contains("0 images done of 1"), "{notes:?}");
    progress.finish();
}

#[tokio::test(start_paused = true)]
async fn a_bar_leaves_nothing_behind_but_what_changed() {
    let paper = Paper::default();
    let screen = Screen::new(paper.clone());
    let progress = bars(&paper, &Meter::new(), &screen);
    seconds(1).await;
    tell_everything(&progress);
    progress.finish();
    assert_eq!(paper.notes().iter().rev().find(|note| !note.is_empty()).map(String::as_str), Some("<clear>"));
    let before = paper.notes().len();
    screen.line("the report");
    seconds(1).await;
    assert_eq!(paper.notes()[before..], ["the report\n"]);
    let lines = paper.notes().iter().filter(|note| note.starts_with(['+', '!'])).count();
    assert_eq!(lines, 3);
}

#[tokio::test(start_paused = true)]
async fn what_a_registry_says_stays_in_its_line() {
    for mode in [Mode::Plain, Mode::Json] {
        let paper = Paper::default();
        let progress = Progress::start(mode, Meter::new(), &Screen::new(paper.clone()), Colour::Never);
        let mut failure = plan_sample::denied();
        failure.message = "\n::error::x ##[error]\u{1b}[2J\u{202e}".to_owned();
        let Settled { entry, .. } = sample::created(1);
        let outcome = sample::outcome(Done::Failed(Box::new(failure)));
        progress.item(&entry, &entry.targets[0], &outcome);
        let text = paper.text();
        assert!(!text.contains("##[") && !text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(text.lines().all(|line| !line.starts_with("::")), "{text}");
    }
}
