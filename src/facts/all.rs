//! Asking many things, some at once: nobody waits for an answer that comes late, and yet the same
//! answers give the same result.

use crate::failure::{Failure, Fallible};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

/// Does all of `work`, at most `at_once` at a time, begun in its order and ended in any.
///
/// # Errors
/// The failure of the first that fails, in their order. After one has failed no more are begun.
pub(super) async fn all<T>(
    work: impl IntoIterator<Item = impl Future<Output = Fallible<T>>>,
    at_once: usize,
) -> Fallible<Vec<T>> {
    let mut waiting = work.into_iter().enumerate();
    let mut running = FuturesUnordered::new();
    let mut done = Vec::new();
    let mut failed: Option<(usize, Box<Failure>)> = None;
    loop {
        while running.len() < at_once && failed.is_none() {
            let Some((number, work)) = waiting.next() else { break };
            running.push(async move { (number, work.await) });
        }
        match running.next().await {
            Some((_, Ok(value))) => done.push(value),
            // All that stand before it were begun before it, and are waited for.
            Some((number, Err(failure))) if failed.as_ref().is_none_or(|(first, _)| number < *first) => {
                failed = Some((number, failure));
            }
            Some((_, Err(_))) => {}
            None => break,
        }
    }
    match failed {
        Some((_, failure)) => Err(failure),
        None => Ok(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Code, Operation};
    use futures::FutureExt as _;
    use futures::future::BoxFuture;
    use std::sync::Mutex;
    use tokio::sync::Notify;

    #[tokio::test]
    async fn a_late_answer_holds_nobody_up_and_the_first_failure_is_told() {
        let (begun, last) = (Mutex::new(Vec::new()), Notify::new());
        let (begun, last) = (&begun, &last);
        let work = |number: u32| -> BoxFuture<'_, Fallible<u32>> {
            async move {
                begun.lock().expect("no panic").push(number);
                match number {
                    // Late, and wrong.
                    1 => last.notified().await,
                    7 => last.notify_one(),
                    _ => {}
                }
                let failure = |number: u32| {
                    Failure::new(Code::Denied, "r", Operation::ManifestHead, number.to_string())
                };
                if matches!(number, 1 | 7) { Err(failure(number)) } else { Ok(number) }
            }
            .boxed()
        };
        let failure = all((0..100).map(work), 2).await.expect_err("two fail");
        assert_eq!(failure.message, "1");
        assert_eq!(begun.lock().expect("no panic").len(), 8, "none is begun after a failure");
        let mut done = all((10..20).map(work), 3).await.expect("none fails");
        done.sort_unstable();
        assert_eq!(done, (10..20).collect::<Vec<_>>());
    }
}
