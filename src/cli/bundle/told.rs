//! What is told of bundles, in words.

use crate::delivery::{List, Verified};
use crate::report::escape::foreign;
use crate::report::human::{Bytes, Count};

/// How much of a digest is shown: as much as tells it from others.
const DIGEST_CHARS: usize = 19;

/// What is in bundles.
pub(super) fn list(list: &List) -> String {
    let mut text = String::new();
    let mut line = |told: String| text.push_str(&format!("{}\n", foreign(told)));
    for bundle in &list.bundles {
        let images = Count(bundle.images.len() as u64, "image");
        let referrers = Count(bundle.referrers.len() as u64, "referrer");
        let parts = Count(bundle.parts, "file");
        line(format!("{}: {images}, {referrers}, {} in {parts}", bundle.file, Bytes(bundle.bytes)));
        for image in &bundle.images {
            let targets = match image.targets.is_empty() {
                true => String::new(),
                false => format!(" → {}", image.targets.join(", ")),
            };
            line(format!("  {}  {}  {}{targets}", image.source, short(&image.digest), Bytes(image.bytes)));
            let about = bundle.referrers.iter().filter(|referrer| referrer.subject == image.digest);
            for referrer in about {
                let kind = referrer.artifact_type.as_deref().unwrap_or("of an unknown type");
                line(format!("    {}  {kind}", short(&referrer.digest)));
            }
        }
        if !bundle.left_out.is_empty() {
            let bytes = bundle.left_out.iter().fold(0_u64, |sum, blob| sum.saturating_add(blob.bytes));
            let blobs = Count(bundle.left_out.len() as u64, "blob");
            line(format!("  left out, because the targets have it: {blobs}, {}", Bytes(bytes)));
        }
    }
    text
}

/// What examining bundles found.
pub(super) fn verified(verified: &Verified) -> String {
    let mut text = String::new();
    let mut line = |told: String| text.push_str(&format!("{}\n", foreign(told)));
    for bundle in &verified.bundles {
        let (file, bytes) = (&bundle.file, Bytes(bundle.bytes));
        let members = Count(bundle.members, "member");
        match bundle.broken.len() as u64 {
            0 => {
                let images = Count(bundle.images, "image");
                let referrers = Count(bundle.referrers, "referrer");
                let left = match bundle.left_out {
                    0 => String::new(),
                    count => format!("; it leaves out {}", Count(count, "blob")),
                };
                line(format!("{file}: sound: {images}, {referrers}, {members}, {bytes}{left}"));
            }
            count => line(format!("{file}: broken in {}", Count(count, "place"))),
        }
        for piece in &bundle.broken {
            let place = match (piece.first_byte, piece.bytes) {
                (Some(first), Some(bytes)) => {
                    format!(" (bytes {first} to {})", first + bytes.saturating_sub(1))
                }
                _ => String::new(),
            };
            line(format!("  {}{place}: {}", piece.what, piece.why));
        }
    }
    text
}

fn short(digest: &str) -> &str {
    digest.get(..DIGEST_CHARS).unwrap_or(digest)
}
