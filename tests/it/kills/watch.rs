//! Looks at tags again and again while something goes on: each is absent, old or new, and what is new
//! stays so.

use super::workload::wanted;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long to rest between two looks: five times as often as the 200 in a second that are wanted.
const REST: Duration = Duration::from_millis(1);

/// The tags of one target.
pub(super) type Tags = BTreeMap<String, String>;

/// Lets the watching end, also when the work panics.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Does `work` while the tags that `look` sees of each target are watched.
pub(super) fn watched<T>(what: &str, look: impl Fn() -> Vec<Tags> + Sync, work: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut seen = look();
            while !over.load(Ordering::SeqCst) {
                std::thread::sleep(REST);
                let now = look();
                for (before, now) in seen.iter().zip(&now) {
                    assert_goes_on(before, now, what);
                }
                seen = now;
            }
        });
        let done = {
            let _over = Over(&over);
            work()
        };
        watching.join().unwrap_or_else(|_| panic!("{what}: a tag was seen that should not have been"));
        done
    })
}

/// Fails unless each tag is what it was, or new.
fn assert_goes_on(before: &Tags, now: &Tags, what: &str) {
    for (tag, wanted) in wanted() {
        let (before, now) = (before.get(&tag), now.get(&tag));
        let is_fine = now == Some(&wanted.new) || (now == before && now == wanted.old.as_ref());
        assert!(is_fine, "{what}: {tag} was {before:?} and is {now:?}");
    }
}
