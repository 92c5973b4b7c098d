//! Which image makes a filter fail, found by asking again with fewer of them.

use super::error::Wrong;
use super::ready::Attempt;
use super::{Blamed, FilterError, Image, Line, Request};

/// A call that failed.
pub(super) struct Failed {
    pub(super) wrong: Wrong,
    /// The image that it failed for, if the answer told.
    pub(super) index: Option<usize>,
    pub(super) log: Vec<Line>,
}

/// The error of the filter `name` that failed for all of `request`, with the image that is to blame:
/// the last of the shortest part that fails. Calls `attempt` at most log2 n + 2 times.
///
/// No image is named where the filter fails without any, too.
pub(super) fn blame(
    name: &str,
    request: &Request,
    failed: Failed,
    attempt: impl Fn(&[Image]) -> Attempt,
) -> Box<FilterError> {
    let images = &request.images;
    if let Some(index) = failed.index {
        return with(failed, name, request, index);
    }
    let attempt = |images: &[Image]| match attempt(images) {
        Attempt::Decided(_) => None,
        Attempt::Failed(wrong, index, log) => Some(Failed { wrong, index, log }),
    };
    if images.is_empty() || attempt(&[]).is_some() {
        return failed.wrong.of(name, failed.log);
    }
    // The first `passes` images pass; the first `fails` fail.
    let (mut passes, mut fails, mut shortest) = (0, images.len(), failed);
    while fails - passes > 1 {
        let half = passes + (fails - passes) / 2;
        match attempt(&images[..half]) {
            Some(failed) => (fails, shortest) = (half, failed),
            None => passes = half,
        }
    }
    let index = fails - 1;
    if index == 0 {
        return with(shortest, name, request, index);
    }
    match attempt(&images[index..=index]) {
        Some(alone) => with(alone, name, request, index),
        None => {
            let mut error = with(shortest, name, request, index);
            error.message.push_str(" (together with those before it; alone it passes)");
            error
        }
    }
}

fn with(failed: Failed, name: &str, request: &Request, index: usize) -> Box<FilterError> {
    let mut error = failed.wrong.of(name, failed.log);
    error.blamed = request.images.get(index).map(|image| Blamed {
        repository: match request.source.path.as_str() {
            "" => request.source.registry.clone(),
            path => format!("{}/{path}", request.source.registry),
        },
        tag: image.tag.clone(),
        position: index + 1,
        of: request.images.len(),
    });
    error
}
