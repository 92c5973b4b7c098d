//! Changes to `index.json`. Those that come while one is being written are written together, so
//! that many tags do not mean as many rewrites; each caller returns when its own is on the disk.

use super::directory::Directory;
use super::entry::{Name, Pointer};
use super::index::{INDEX_BYTES_MAX, Index};
use super::lock::{Lock, Missing};
use super::paths::ALGORITHMS;
use crate::failure::{Code, Fallible};
use crate::store::disk::fault::Act;
use crate::store::disk::files::sync_directory;
use crate::store::disk::session::Session;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// What writes the tags of one layout.
pub(super) struct Tagging {
    directory: Arc<Directory>,
    session: Arc<Session>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Change>,
    /// Whether somebody writes already, and will come back for what waits.
    writing: bool,
}

struct Change {
    name: Name,
    pointer: Pointer,
    act: Act,
    done: oneshot::Sender<Fallible<()>>,
}

impl Tagging {
    pub(super) fn new(directory: &Arc<Directory>, session: &Arc<Session>) -> Self {
        let (directory, session) = (Arc::clone(directory), Arc::clone(session));
        Self { directory, session, queue: Mutex::default() }
    }

    /// Points a tag at a manifest, durably. Goes on when the caller stops waiting.
    pub(super) async fn set(self: &Arc<Self>, name: Name, pointer: Pointer, act: Act) -> Fallible<()> {
        let (done, answer) = oneshot::channel();
        let gone = act.fail(Code::Cancelled, "stopped before the tag was written");
        if self.enqueue(Change { name, pointer, act, done }) {
            let turn = Turn(Arc::clone(self));
            tokio::task::spawn_blocking(move || turn.write_all_waiting());
        }
        answer.await.unwrap_or(Err(gone))
    }

    /// Whether it falls to the caller to write.
    fn enqueue(&self, change: Change) -> bool {
        let mut queue = self.queue();
        queue.waiting.push(change);
        !std::mem::replace(&mut queue.writing, true)
    }

    /// What waits now; without anything waiting, the next caller writes again.
    fn next_batch(&self) -> Vec<Change> {
        let mut queue = self.queue();
        queue.writing = !queue.waiting.is_empty();
        std::mem::take(&mut queue.waiting)
    }

    /// Reads `index.json` as it is now, changes it, and replaces it in one step; meanwhile no other
    /// process does the same.
    fn write(&self, batch: &[Change], act: &Act) -> Fallible<()> {
        let paths = &self.directory.paths;
        let _lock = Lock::take(paths, Missing::Fail, act)?;
        let index = self.directory.index(act)?;
        let broken = |e: serde_json::Error| act.fail(Code::Internal, format!("index.json: {e}"));
        let mut index = match index {
            Some(index) => index,
            None => Arc::new(Index::empty().map_err(broken)?),
        };
        let pending = batch.iter().filter(|change| !index.says(&change.name, &change.pointer));
        let pending: Vec<&Change> = pending.collect();
        if pending.is_empty() {
            return Ok(());
        }
        self.directory.forget();
        let edited = Arc::make_mut(&mut index);
        for Change { name, pointer, .. } in pending {
            edited.set(name, pointer).map_err(broken)?;
        }
        let bytes = index.write().map_err(broken)?;
        // What the tags reach is found after a loss of power too, whoever wrote it.
        for shelf in ALGORITHMS.map(|algorithm| paths.shelf(algorithm)).iter().filter(|shelf| shelf.exists())
        {
            sync_directory(shelf).map_err(|e| act.io("write", shelf, &e))?;
        }
        replace(&self.directory, &self.session, index, &bytes, act)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a whole new `index.json` in the place of the old one. Only called under the lock.
pub(super) fn replace(
    directory: &Directory,
    session: &Arc<Session>,
    index: Arc<Index>,
    bytes: &[u8],
    act: &Act,
) -> Fallible<()> {
    let path = directory.paths.index();
    if bytes.len() as u64 > INDEX_BYTES_MAX {
        let limit = INDEX_BYTES_MAX / (1024 * 1024);
        let message = format!("{} would be larger than {limit} MiB", path.display());
        return Err(act.fail(Code::LimitExceeded, message).hint("part the images over several layouts"));
    }
    let write = || {
        let mut draft = session.draft()?;
        draft.write_all(bytes)?;
        let file = draft.place(&path)?;
        let metadata = file.metadata()?;
        Ok((file, metadata))
    };
    let (file, metadata) = write().map_err(|e| act.io("write", &path, &e))?;
    directory.remember(index, file, metadata);
    Ok(())
}

/// A caller's turn to write what waits. However it ends, by a panic too, nobody waits forever.
struct Turn(Arc<Tagging>);

impl Turn {
    fn write_all_waiting(self) {
        let mut batch = self.0.next_batch();
        while let Some(first) = batch.first() {
            let written = self.0.write(&batch, &first.act);
            let next = self.0.next_batch();
            if next.is_empty() {
                // Before the last answer, so that who has it and closes the layout is the last to
                // hold it, and has cleared up when that is done.
                drop(self);
                return answer(batch, &written);
            }
            answer(std::mem::replace(&mut batch, next), &written);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut queue = self.0.queue();
            queue.writing = false;
            queue.waiting.clear();
        }
    }
}

fn answer(batch: Vec<Change>, written: &Fallible<()>) {
    for Change { act, done, .. } in batch {
        let answer = written.clone().map_err(|mut failure| {
            failure.repository = act.repository().to_owned();
            failure
        });
        // Nobody may be waiting any more.
        let _ = done.send(answer);
    }
}
