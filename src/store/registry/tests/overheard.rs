//! What is logged while a test runs, at the level that tells most.

use std::io::Write;
use std::sync::{Arc, Mutex};

/// What was logged.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// All of it.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("text")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged on this thread while `exercise` runs, which it does twice: where another test came
/// by a line first, with nobody listening, the line stays silent until the next rebuild.
pub async fn overhear(mut exercise: impl AsyncFnMut()) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    for _ in 0..2 {
        tracing::callsite::rebuild_interest_cache();
        exercise().await;
    }
    drop(guard);
    log.text()
}

/// Panics where one of `tracks` is in `text`, and shows what stands before it.
pub fn assert_untouched(what: &str, text: &str, tracks: &[&str]) {
    for track in tracks {
        let at = text.find(track);
        assert!(at.is_none(), "in {what}: …{}", &text[at.unwrap_or(0).saturating_sub(200)..]);
    }
}
