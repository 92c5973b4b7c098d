//! Sightings: what was seen of a tag before it is written, and whether that still holds. Registries
//! have no way to write a tag only if it names what it did; looking again makes the gap short.

use super::recipient::Recipient;
use crate::failure::{Code, Failure, Operation, Side};
use crate::oci::Digest;
use std::time::Duration;
use tokio::time::Instant;

/// How old what was seen of a tag may be when it is written over, in seconds. Below this a second look
/// costs every small image a request, and finds little.
const SIGHTING_SECONDS_MAX: u64 = 60;

/// When a target was looked at, and how careful whoever writes to it must be.
#[derive(Debug, Clone, Copy)]
pub struct Sighting {
    /// When.
    pub at: Instant,
    /// How careful.
    pub care: Care,
}

/// Whether a tag is looked at again before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Where what was seen is old.
    Usual,
    /// Always: the policy is that what is there stays, or a plan is carried out to the letter.
    Strict,
}

/// What a tag has to name for it to be written.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) found: Option<Digest>,
    pub(super) sighting: Sighting,
    pub(super) equal: Equal,
}

/// What becomes of a tag that names the very manifest already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Equal {
    /// Nothing: some registries refuse to be told again what they know.
    Kept,
    /// It is written, because the target shows that manifest and does not have it.
    Rewritten,
}

/// What a second look means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Now {
    /// The tag may be written.
    AsSeen,
    /// It names what it shall name.
    Done,
    /// Somebody else wrote it.
    Moved,
}

impl Expected {
    /// Whether the tag is to be looked at again, when it is about to be written `now`.
    pub(super) fn is_old(&self, now: Instant) -> bool {
        let Sighting { at, care } = self.sighting;
        care == Care::Strict || now.duration_since(at) > Duration::from_secs(SIGHTING_SECONDS_MAX)
    }

    /// What it means that the tag names `now`, when `wanted` is to be written.
    pub(super) fn compare(&self, now: Option<&Digest>, wanted: &Digest) -> Now {
        match (now, self.equal) {
            (Some(now), Equal::Kept) if now == wanted => Now::Done,
            (Some(now), Equal::Rewritten) if now == wanted => Now::AsSeen,
            (now, _) if now == self.found.as_ref() => Now::AsSeen,
            _ => Now::Moved,
        }
    }
}

/// The tag of a recipient was written by somebody else since it was looked at.
pub(super) fn moved(recipient: &Recipient, now: Option<&Digest>) -> Box<Failure> {
    let now = now.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let message = format!("the target tag has moved since it was looked at: it names {now} now");
    Failure::new(Code::TargetMoved, recipient.repository(), Operation::Compare, message)
        .on(Side::Target)
        .hint("somebody else writes to this tag; run again, or let only one of you write it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(found: Option<&str>, care: Care, equal: Equal) -> Expected {
        let found = found.map(|seed| Digest::of(seed.as_bytes()));
        Expected { found, sighting: Sighting { at: Instant::now(), care }, equal }
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_sighting_is_renewed_and_a_policy_that_keeps_always_looks() {
        let usual = expected(None, Care::Usual, Equal::Kept);
        let strict = expected(None, Care::Strict, Equal::Kept);
        assert!(!usual.is_old(Instant::now()) && strict.is_old(Instant::now()));
        tokio::time::advance(Duration::from_secs(SIGHTING_SECONDS_MAX)).await;
        assert!(!usual.is_old(Instant::now()));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(usual.is_old(Instant::now()));
    }

    #[tokio::test]
    async fn only_what_was_seen_or_what_is_wanted_is_no_move() {
        let digest = |seed: &str| Digest::of(seed.as_bytes());
        let rows = [
            (Some("old"), Some("old"), Now::AsSeen),
            (Some("old"), Some("new"), Now::Done),
            (Some("old"), Some("theirs"), Now::Moved),
            (Some("old"), None, Now::Moved),
            (None, None, Now::AsSeen),
            (None, Some("new"), Now::Done),
            (None, Some("theirs"), Now::Moved),
        ];
        for (found, now, meaning) in rows {
            let now = now.map(digest);
            let kept = expected(found, Care::Strict, Equal::Kept);
            assert_eq!(kept.compare(now.as_ref(), &digest("new")), meaning, "{found:?} {now:?}");
            let rewritten = expected(found, Care::Strict, Equal::Rewritten);
            let meaning = if meaning == Now::Done { Now::AsSeen } else { meaning };
            assert_eq!(rewritten.compare(now.as_ref(), &digest("new")), meaning, "{found:?} {now:?}");
        }
    }
}
