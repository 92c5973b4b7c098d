//! What it means to the user when the file of a bundle cannot be read or written.

use crate::failure::{Code, Failure, Fallible, Operation, Side};
use std::io::{Error, ErrorKind};
use std::path::Path;

/// The operating system refused to `verb` the file of a bundle.
pub(super) fn io(verb: &str, path: &Path, error: &Error) -> Box<Failure> {
    let (code, hint) = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            (Code::TargetFull, "make room on that disk and run again: what is whole is not fetched again")
        }
        ErrorKind::FileTooLarge => {
            (Code::TargetFull, "that file system takes no files of this size: make parts, with --split")
        }
        ErrorKind::ReadOnlyFilesystem => (Code::ReadOnly, "choose another folder"),
        ErrorKind::NotFound => (Code::Io, "make the folder first, or choose another one"),
        _ => (Code::Io, "see that the user who runs crossdock may write there"),
    };
    fail(code, path, format!("cannot {verb} it: {error}")).hint(hint)
}

/// Something is wrong with the file of a bundle.
pub(super) fn fail(code: Code, path: &Path, message: impl Into<String>) -> Box<Failure> {
    Failure::new(code, path.display(), Operation::Open, message).on(Side::Target)
}

/// Runs `work` where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Fallible<T> + Send + 'static,
) -> Fallible<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(gone) if gone.is_cancelled() => Err(fail(Code::Cancelled, path, "stopped")),
        Err(_) => Err(fail(Code::Internal, path, "writing the bundle met a mistake of ours")),
    }
}
