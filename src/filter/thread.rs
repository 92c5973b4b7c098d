//! A thread with a stack of known size, and the end of every panic.

use super::error::{Fault, Wrong};
use super::limits::THREAD_STACK_BYTES;
use std::any::Any;
use std::thread;

/// Runs `work` on a thread of its own and waits for it. `doing` is what the error says was going on.
///
/// # Errors
/// The system gives no thread, or `work` panicked.
pub(super) fn run<T: Send>(doing: &str, work: impl FnOnce() -> T + Send) -> Result<T, Wrong> {
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("filter".to_owned()).stack_size(THREAD_STACK_BYTES);
        let started = builder.spawn_scoped(scope, work);
        let started = started
            .map_err(|why| Wrong::new(Fault::Internal, format!("the system gives no thread: {why}")))?;
        started.join().map_err(|panic| {
            let message = format!("this program went wrong while {doing}: {}", text(&*panic));
            Wrong::new(Fault::Internal, message).hint("this is a mistake of ours: please report it")
        })
    })
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text")
}
