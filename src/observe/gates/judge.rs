//! What gates decide, from facts. Pure: each gives the reason why an image is stopped, in one sentence.

use crate::facts::{Parts, Unread};
use crate::oci::Digest;
use crate::spec::gates::{Age, Size};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Times before this are no creation times, in seconds since 1970-01-01T00:00:00Z: the year in which there
/// were images for the first time. Builds that are to be reproducible write 1970 or 1980, others the year 1.
const FIRST_IMAGES: i64 = 1_356_998_400;

/// When an image was made, as far as it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    /// The digest of its manifest.
    pub(super) digest: Digest,
    /// In seconds since 1970-01-01T00:00:00Z.
    pub(super) at: Option<i64>,
}

/// Whether one of the digests is denied.
pub(super) fn denied<'a>(
    denied: &BTreeSet<Digest>,
    digests: impl IntoIterator<Item = &'a Digest>,
) -> Option<String> {
    // The least, so that the same image has the same reason whatever came first.
    let found = digests.into_iter().filter(|digest| denied.contains(digest)).min()?;
    Some(format!("{found} is denied"))
}

/// Whether something of the image is not known.
pub(super) fn unread(parts: &Parts) -> Option<String> {
    match &parts.unread {
        Unread::Nothing => None,
        Unread::Manifest(digest) => {
            Some(format!("it cannot be judged, because its manifest {digest} is not there or cannot be read"))
        }
        Unread::Rest => {
            Some("it cannot be judged, because it names more manifests than an image may".to_owned())
        }
    }
}

/// Whether the blobs have more bytes than they may.
pub(super) fn too_large(most: Size, parts: &Parts) -> Option<String> {
    let bytes = parts.blobs.values().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
    let mib = match bytes.div_ceil(1 << 20) {
        0 | 1 => String::new(),
        mib => format!(" ({mib} MiB)"),
    };
    (bytes > most.bytes()).then(|| format!("its blobs have {bytes} bytes{mib}, more than {most}"))
}

/// Whether the newest of the images is younger than it may be, or one does not say when it was made.
pub(super) fn too_young(least: Age, now: i64, made: &[Made]) -> Option<String> {
    let known = |made: &Made| made.at.filter(|at| *at >= FIRST_IMAGES);
    if let Some(Made { digest, at }) = made.iter().find(|made| known(made).is_none()) {
        let what = at.and_then(told).map_or_else(String::new, |at| format!(" but {at}, which is none"));
        return Some(format!("it cannot be judged, because {digest} has no creation time{what}"));
    }
    let Some(newest) = made.iter().filter_map(known).max() else {
        return Some("it cannot be judged, because it has no image with a creation time".to_owned());
    };
    let at = told(newest).unwrap_or_default();
    (now.saturating_sub(newest) < least.seconds())
        .then(|| format!("it was made at {at}, less than {least} ago"))
}

fn told(at: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at).ok()?.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;
    /// 2026-01-01T00:00:00Z.
    const NOW: i64 = 1_767_225_600;

    fn digest(seed: &str) -> Digest {
        Digest::of(seed.as_bytes())
    }

    fn young(made: &[Option<i64>]) -> String {
        let made: Vec<Made> = made.iter().map(|at| Made { digest: digest("an image"), at: *at }).collect();
        let week = "7d".parse().expect("an age");
        let image = digest("an image").to_string();
        too_young(week, NOW, &made).unwrap_or_default().replace(&image, "IMAGE")
    }

    #[test]
    fn the_newest_image_decides_and_without_a_time_nobody_can() {
        let no_time = "it cannot be judged, because IMAGE has no creation time";
        for (made, why) in [
            (&[Some(NOW - 7 * DAY)][..], ""),
            (&[Some(NOW - 700 * DAY), Some(NOW - 8 * DAY)], ""),
            (&[Some(NOW - 7 * DAY + 1)], "it was made at 2025-12-25T00:00:01Z, less than 1w ago"),
            (
                &[Some(NOW - 700 * DAY), Some(NOW - DAY), Some(NOW - 9 * DAY)],
                "it was made at 2025-12-31T00:00:00Z, less than 1w ago",
            ),
            (&[Some(NOW + DAY)], "it was made at 2026-01-02T00:00:00Z, less than 1w ago"),
            (&[Some(FIRST_IMAGES)], ""),
            (&[None], no_time),
            (&[Some(NOW - 8 * DAY), None], no_time),
            (&[], "it cannot be judged, because it has no image with a creation time"),
        ] {
            assert_eq!(young(made), why, "{made:?}");
        }
    }

    #[test]
    fn times_that_reproducible_builds_write_are_none() {
        let years = [
            (0, "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:01Z"),
            (315_532_801, "1980-01-01T00:00:01Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"),
            (FIRST_IMAGES - 1, "2012-12-31T23:59:59Z"),
        ];
        for (at, shown) in years {
            let why =
                format!("it cannot be judged, because IMAGE has no creation time but {shown}, which is none");
            assert_eq!(young(&[Some(at)]), why);
        }
        assert!(young(&[Some(i64::MIN)]).contains("no creation time"));
        assert!(young(&[Some(i64::MAX)]).contains("less than"));
    }

    #[test]
    fn bytes_are_those_of_all_blobs_and_a_limit_may_be_reached() {
        let parts = |sizes: &[u64]| Parts {
            blobs: sizes.iter().enumerate().map(|(n, size)| (digest(&n.to_string()), *size)).collect(),
            ..Parts::default()
        };
        let most: Size = "1 MiB".parse().expect("a size");
        for (sizes, stopped) in [
            (&[][..], false),
            (&[1 << 20], false),
            (&[1 << 20, 1], true),
            (&[1 << 19, 1 << 19], false),
            (&[u64::MAX, u64::MAX], true),
        ] {
            assert_eq!(too_large(most, &parts(sizes)).is_some(), stopped, "{sizes:?}");
        }
        let why = too_large(most, &parts(&[3 << 20, 5])).expect("too large");
        assert_eq!(why, "its blobs have 3145733 bytes (4 MiB), more than 1 MiB");
    }

    #[test]
    fn what_is_not_known_is_told() {
        let told = |unread| super::unread(&Parts { unread, ..Parts::default() });
        assert_eq!(told(Unread::Nothing), None);
        let why = told(Unread::Manifest(digest("gone"))).expect("not known");
        assert!(why.contains(digest("gone").as_str()), "{why}");
        assert!(told(Unread::Rest).is_some());
    }

    #[test]
    fn the_least_of_several_denied_digests_is_told() {
        let (mut one, mut other) = (digest("one"), digest("other"));
        if other < one {
            std::mem::swap(&mut one, &mut other);
        }
        let list = BTreeSet::from([one.clone(), other.clone()]);
        assert_eq!(denied(&list, [&other, &one]), Some(format!("{one} is denied")));
        assert_eq!(denied(&list, [&other]), Some(format!("{other} is denied")));
        assert_eq!(denied(&list, [&digest("fine")]), None);
        assert_eq!(denied(&BTreeSet::new(), [&one]), None);
    }
}
