//! What it means to the user when a file cannot be read or written. Decides words; touches no file.

use crate::failure::{Code, Failure, Fallible, Operation};
use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// What is being done, for the case that it fails.
#[derive(Debug, Clone)]
pub(in crate::store) struct Act {
    repository: String,
    operation: Operation,
}

impl Act {
    pub(in crate::store) fn new(repository: impl fmt::Display, operation: Operation) -> Self {
        Self { repository: repository.to_string(), operation }
    }

    /// The repository that it is about.
    pub(in crate::store) fn repository(&self) -> &str {
        &self.repository
    }

    /// It failed.
    pub(in crate::store) fn fail(&self, code: Code, message: impl Into<String>) -> Box<Failure> {
        Failure::new(code, &self.repository, self.operation, message)
    }

    /// It failed because the operating system refused to `verb` the file.
    pub(in crate::store) fn io(&self, verb: &str, path: &Path, error: &Error) -> Box<Failure> {
        let (code, hint) = meaning(error.kind());
        let failure = self.fail(code, format!("cannot {verb} {}: {error}", path.display()));
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    /// It failed because the place holds something that is not a plain file or directory.
    pub(in crate::store) fn irregular(&self, path: &Path, what: &str) -> Box<Failure> {
        self.fail(
            Code::Io,
            format!("{} is {what}, and links in such a place are not followed", path.display()),
        )
        .hint("copy all of it with `cp -rL` so that it holds plain files and directories only")
    }

    /// Runs `work` where it may block.
    pub(in crate::store) async fn blocking<T, F>(&self, work: F) -> Fallible<T>
    where
        T: Send + 'static,
        F: FnOnce(&Act) -> Fallible<T> + Send + 'static,
    {
        let act = self.clone();
        match tokio::task::spawn_blocking(move || work(&act)).await {
            Ok(done) => done,
            Err(gone) if gone.is_cancelled() => Err(self.fail(Code::Cancelled, "stopped")),
            Err(_) => Err(self.fail(Code::Internal, "a store on this disk met a mistake of its own")),
        }
    }
}

fn meaning(kind: ErrorKind) -> (Code, Option<&'static str>) {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (
            Code::TargetFull,
            Some("make room on that disk and run again: what is complete there is not copied twice"),
        ),
        ErrorKind::FileTooLarge => {
            (Code::TargetFull, Some("that file system takes no files of this size; use another one"))
        }
        ErrorKind::ReadOnlyFilesystem => {
            (Code::ReadOnly, Some("mount the file system for writing, or choose another directory"))
        }
        ErrorKind::PermissionDenied => {
            (Code::Io, Some("let the user that runs crossdock read (and, for a target, write) it"))
        }
        ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::AlreadyExists => {
            (Code::Io, Some("another kind of file is in the way; move it, or choose another directory"))
        }
        ErrorKind::NotFound => (Code::NotFound, None),
        ErrorKind::Unsupported => (
            Code::Io,
            Some("the file system lacks what is needed, such as locks; use a local disk, and copy it after"),
        ),
        _ => (Code::Io, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_system_says_what_to_do() {
        let act = Act::new("oci:mirror", Operation::BlobPut);
        let told = [
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::ReadOnlyFilesystem,
            ErrorKind::PermissionDenied,
            ErrorKind::NotADirectory,
            ErrorKind::NotFound,
            ErrorKind::Other,
        ]
        .map(|kind| {
            let failure = act.io("write", Path::new("mirror/blobs"), &Error::from(kind));
            let hint = failure.hint.clone().unwrap_or_default();
            format!("{}: {failure}\n  {hint}", failure.code.as_str())
        });
        insta::assert_snapshot!(told.join("\n"));
    }

    #[tokio::test]
    async fn a_panic_in_blocking_work_is_a_failure_not_a_crash() {
        let act = Act::new("oci:x", Operation::BlobPut);
        let done: Fallible<()> = act.blocking(|_| panic!("boom")).await;
        assert_eq!(done.expect_err("it panicked").code, Code::Internal);
    }
}
