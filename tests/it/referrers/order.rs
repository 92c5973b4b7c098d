//! In which order an image and what speaks about it are written, and how often.

use super::{SYNC, assert_all_there, pair, put_at, signed_index};
use crate::bed::images::artifacts::referrers_tag;
use crate::bed::images::{Format, Found, Whole, index, one_platform, two_platforms};
use crate::bed::memory::{Referrers, RequestKind};

#[test]
fn the_tag_of_an_image_is_written_when_all_that_speaks_about_it_can_be_found() {
    let whole = signed_index(1);
    for api in [Referrers::Absent, Referrers::Filtered] {
        let pair = pair(&whole, Referrers::Filtered, api);
        pair.run(&SYNC).expect_code(0);
        let root = put_at(&pair.target, &whole.image.digest());
        let last = put_at(&pair.target, "1");
        for referrer in &whole.referrers {
            let own = referrer.artifact.digest();
            match referrer.found {
                Found::BySubject => {
                    let subject = put_at(&pair.target, &referrer.subject);
                    let place = put_at(&pair.target, &own);
                    assert!(root.min(subject) < place && subject < place && place < last, "{own}");
                    if api == Referrers::Absent {
                        let list = put_at(&pair.target, &referrers_tag(&referrer.subject));
                        assert!(place < list && list < last);
                    }
                }
                Found::ByTag(suffix) => {
                    let place =
                        put_at(&pair.target, &format!("{}.{suffix}", referrers_tag(&referrer.subject)));
                    assert!(root < place && place < last, "{suffix}");
                }
            }
        }
        let writes = pair.target.requests().writes();
        assert!(writes.last().is_some_and(|write| write.path.ends_with("/manifests/1")), "{writes}");
        let puts = pair.target.requests().count(RequestKind::ManifestPut);
        let lists = if api == Referrers::Absent { whole.fallbacks().len() } else { 0 };
        assert_eq!(puts, whole.manifests().len() + lists + 1, "each once, and the tag");
        // Who lists them said so when it got them; who does not is asked once, and never again.
        let asked = pair.target.requests().count(RequestKind::ReferrersGet);
        assert_eq!(asked, usize::from(api == Referrers::Absent), "{}", pair.target.requests());
        // Each tag is read once before it is written, and looked at once before it is planned.
        let read = pair.target.requests().count(RequestKind::ManifestGet);
        assert_eq!(read, lists + whole.cosign_tags().len(), "{}", pair.target.requests());
    }
}

#[test]
fn an_image_that_nothing_speaks_about_is_written_as_ever() {
    let whole = Whole::new(two_platforms(1, Format::Oci));
    let pair = pair(&whole, Referrers::Absent, Referrers::Absent);
    pair.run(&SYNC).expect_code(0);
    let puts = pair.target.requests().count(RequestKind::ManifestPut);
    assert_eq!(puts, whole.image.manifests.len(), "{}", pair.target.requests());
    assert_eq!(pair.target.requests().count(RequestKind::ReferrersGet), 0);
    assert_eq!(pair.target.requests().count(RequestKind::ManifestGet), 0);
}

#[test]
fn what_speaks_about_a_child_of_several_images_is_brought_and_listed_once() {
    let child = one_platform(1, Format::Oci);
    let signed = Whole::signed(child.clone());
    let images: Vec<_> =
        (2..6).map(|seed| index(Format::Oci, &[child.clone(), one_platform(seed, Format::Oci)])).collect();
    for api in [Referrers::Absent, Referrers::Filtered] {
        let pair = pair(&signed, Referrers::Filtered, api);
        for (number, image) in images.iter().enumerate() {
            // Each under two tags.
            let tags = [format!("i{number}"), format!("j{number}")];
            pair.source.seed(image, "app", &[&tags[0], &tags[1]]);
        }
        pair.mirrors("- { source: SOURCE/app, target: TARGET/app }");
        pair.run(&SYNC).expect_code(0);
        for referrer in &signed.referrers {
            let at = match referrer.found {
                Found::BySubject => referrer.artifact.digest(),
                Found::ByTag(suffix) => format!("{}.{suffix}", referrers_tag(&referrer.subject)),
            };
            put_at(&pair.target, &at);
        }
        for (subject, _) in signed.fallbacks().into_iter().filter(|_| api == Referrers::Absent) {
            put_at(&pair.target, &referrers_tag(&subject));
        }
        for number in 0..images.len() {
            pair.target.remove_tag("app", &format!("i{number}"));
            pair.target.remove_tag("app", &format!("j{number}"));
        }
        assert_all_there(&pair.target, &signed, api);
    }
}
